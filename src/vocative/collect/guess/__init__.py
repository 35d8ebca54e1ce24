"""Proposals: which columns of an unknown file mean what, by their names and their values."""
