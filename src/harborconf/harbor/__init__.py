"""The session with a live Harbor."""
