"""Passwords that change: by their owner, or by who reads the account's mail. Log-in is not here."""
