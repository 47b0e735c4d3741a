"""The owner's view of what strangers get: her card as published, or as her draft would make it.

What strangers get is decided in `public`, drafts are kept in `editing`; nothing is decided or written here.
"""
