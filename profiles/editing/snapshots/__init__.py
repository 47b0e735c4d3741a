"""Undo: the states a profile had before its changes."""
