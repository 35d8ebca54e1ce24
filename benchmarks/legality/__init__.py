"""Millions of decisions and hand-overs, checked against the rules by an independent checker."""
