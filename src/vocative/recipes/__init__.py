"""Whole workspaces for kinds of businesses, with generated data: to try the engine on, and to start from."""
