"""The workers of one gunicorn among each other: which takes a new connection, and how one that
stops lets its clients go."""
