"""Vocative: what to say to each person, when, over which channel, or that silence is better."""

__version__ = "0.1.0"
