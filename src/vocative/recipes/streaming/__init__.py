"""A streaming service for films: everything about it is generated."""
