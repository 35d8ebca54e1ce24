"""The standard features, declared."""
