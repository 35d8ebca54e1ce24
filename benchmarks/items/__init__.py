"""Next items and next in a sequence: figures beside peers."""
