"""The list's typed query, its SQL and its reader. Not its HTTP, its caches or its events."""
