"""A small online shop for sports nutrition and outdoor gear: everything about it is generated."""
