"""Passwords: what may be one, how it is hashed and changed. A forgotten one is in `password_reset`."""
