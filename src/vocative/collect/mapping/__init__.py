"""Rows as records: columns are mapped, values are read, doubts are noted."""
