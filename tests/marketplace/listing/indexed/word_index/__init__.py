"""Searches answered by bitmaps of words: that they are SQL's answers, of every revision."""
