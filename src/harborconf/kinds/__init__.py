"""One file a kind: everything about it."""
