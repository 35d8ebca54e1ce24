"""Takes in events, people, items, permissions, offers: validates, de-duplicates, quarantines, resolves identity."""
