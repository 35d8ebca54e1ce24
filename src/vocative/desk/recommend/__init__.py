"""Lists for one person or a visitor, with reasons in words."""
