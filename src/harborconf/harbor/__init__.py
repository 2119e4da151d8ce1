"""The session with a live Harbor. Importing this package imports nothing heavy."""
