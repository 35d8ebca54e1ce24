"""Takes in events, people, items, permissions: validates, de-duplicates, quarantines, resolves identity."""
