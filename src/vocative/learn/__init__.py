"""Models in operation: which version acts, how it does in practice, how far the world has moved, and its card."""
