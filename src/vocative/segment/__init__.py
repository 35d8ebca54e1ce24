"""Micro-segments: rules, lifecycle, RFM and discovered narrow groups."""
