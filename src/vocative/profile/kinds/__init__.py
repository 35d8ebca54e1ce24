"""The kinds of features: each writes a query for many people and a fold for one."""
