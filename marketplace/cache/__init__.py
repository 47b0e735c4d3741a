"""Rendered responses and the caches of them: per process, and of expensive values through Redis.

Also who is let in to a read that no cache answers (admission.py). Nothing here decides what is read: an
entry is used only while PostgreSQL names its revision.
"""
