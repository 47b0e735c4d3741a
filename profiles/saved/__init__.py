"""Tutors and searches that a person saved: tables, and how they are changed and read.

What a saved search finds is the marketplace's, as are the operations.
"""
