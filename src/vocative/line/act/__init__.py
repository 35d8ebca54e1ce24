"""The acting half of a run: recipients, approval, decisions, messages, the hand-over and what it leaves on disk."""
