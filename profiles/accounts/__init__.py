"""Accounts: registration, log-in and sessions, and what operators do to them. Profiles live in `editing`.

What all rooms share stands beside them: the table, the look-up and lock of an account, the blueprints.
"""
