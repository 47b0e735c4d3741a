"""Which fields a profile has: their names, storage and rules. Nothing here reads the database."""
