"""Features declared once, point-in-time rows, live profiles, affinities and the profile card."""

from vocative.profile.standard.standard import STANDARD

__all__ = ["STANDARD"]
