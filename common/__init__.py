"""How things work here: configuration, HTTP conventions, storage. Knows no domain."""
