"""Corrections of mistyped words, and the SQL they need. Not the vocabulary that they come from."""
