"""The list's typed query, its SQL and its reader, and the older list. Not its caches or its events."""
