"""Seeded servers and the workers on them, and what they take; sends no load."""
