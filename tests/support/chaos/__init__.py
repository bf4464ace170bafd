"""A quick cloud, and everything that can go wrong with it: what the trials in `tests/chaos` are run on."""
