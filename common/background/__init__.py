"""Threads of a process beside its requests: how they start, are woken and end; not what they do."""
