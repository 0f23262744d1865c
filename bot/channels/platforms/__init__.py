"""One module a platform, each with `SETTINGS` and `make`. `registry.py` knows them all."""
