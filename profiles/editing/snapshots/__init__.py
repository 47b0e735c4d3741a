"""Undo: the states a profile had before its changes. Taking one is a part of publishing."""
