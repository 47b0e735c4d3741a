"""Tokens that a person gets by mail and that work once. What they are for is done by their callers."""
