"""Accounts: registration, log-in and sessions, and what operators do to them. Profiles live in `editing`."""
