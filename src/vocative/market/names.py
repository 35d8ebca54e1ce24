"""The names of the policies, apart from what they do, so that they can be told without loading it."""

from __future__ import annotations

POLICIES = ("engine", "mass", "plain", "rules", "random", "silence", "oracle")
"""Who may decide in a simulated market: the engine, simple policies, and one that knows the truth."""
