"""Suggestions for an unfinished query: their route and what they are made of; searching is in `listing`."""
