"""Plugin: the features, one file or folder each; dropping one in is all it takes."""
