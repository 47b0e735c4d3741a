"""Caches of rendered responses (per process) and of expensive values (shared through Redis).

Neither decides what is read: both hold an entry only while PostgreSQL names its revision.
"""
