"""What an operator does to a running deployment while people use it: an upgrade, a restart, a fail-over.

What breaks by itself is in tests/faults.
"""
