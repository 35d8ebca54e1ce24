"""Stores behind protocols: what the line asks for, and how a driver of it is found."""
