"""Plugin: ad_guard, training: makes `model.txt` from labelled rows and hand-written seeds; not needed at run time."""
