"""A workspace at one moment: who is known, what was said to them, preferences, relationships, records in and out."""
