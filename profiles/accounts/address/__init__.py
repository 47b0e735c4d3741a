"""The account's email address: proved, changed, and the change undone. Its format is in `fields`."""
