"""How each language addresses one person and writes a date: one file for each."""
