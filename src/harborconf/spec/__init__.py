"""Primitives of what users write."""
