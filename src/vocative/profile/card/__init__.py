"""The profile card: what a person may be shown about themselves."""
