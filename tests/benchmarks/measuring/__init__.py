"""Rounds of calls to a worker that has been warmed, and what they cost; not what is asked."""
