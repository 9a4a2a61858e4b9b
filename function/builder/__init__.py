"""Makes the zips; `build.py` beside it is the command."""
