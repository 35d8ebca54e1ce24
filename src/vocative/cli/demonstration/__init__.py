"""The demonstration: a real year of purchases through the public path, with invented people around it."""
