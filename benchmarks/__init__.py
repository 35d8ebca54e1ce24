"""Figures that anybody can repeat: `make bench`."""
