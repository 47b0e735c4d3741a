"""Unpublished changes: autosaved, read, expired. Stored by `editing.profile`, published by `publishing`."""
