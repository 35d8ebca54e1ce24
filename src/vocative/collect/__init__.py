"""Takes in events, people, items and permissions: validates, de-duplicates, quarantines with a reason, resolves identity."""
