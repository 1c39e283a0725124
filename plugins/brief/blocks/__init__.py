"""Plugin: the parts of a brief that this plugin offers itself; other plugins offer theirs."""
