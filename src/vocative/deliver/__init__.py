"""Hands messages over: never twice, never after permission is gone."""
