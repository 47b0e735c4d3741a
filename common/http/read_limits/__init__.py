"""Limits of public reads: counted in each process at once, in Redis soon after; no limits that are exact."""
