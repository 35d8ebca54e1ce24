"""Calls the stages in order."""
