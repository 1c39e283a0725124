"""Plugin: ad_guard, training: makes `model.bin` from labelled rows and hand-written seeds; not needed at run time."""
