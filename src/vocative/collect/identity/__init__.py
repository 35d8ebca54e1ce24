"""Whose a record is: identities, permissions, marks of "not me"."""
