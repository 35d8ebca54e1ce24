"""Verdicts and plans about people's rights: who may be profiled, contacted, and what may be said."""
