"""Who gets what, when, over which channel, or that silence is better."""
