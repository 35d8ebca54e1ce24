"""Features at scale, beside the same features written by hand."""
