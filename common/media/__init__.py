"""Public files, where they are stored, and the pictures among them; knows nothing of whose they are."""
