"""Tutors like one tutor: the statement that finds them, and its endpoint. Not the list's filters."""
