"""Patterns that are found in the past and stated as rules."""
