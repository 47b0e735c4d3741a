"""Connections to PostgreSQL: how they are opened, set up, supervised and shared by a process, and
the statements prepared on them; what requests do with them is in common/database/session.py."""
