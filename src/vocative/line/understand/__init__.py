"""The understanding half of a run: profiles, predictions, patterns, segments."""
