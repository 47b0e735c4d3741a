"""Public files and the pictures among them; knows nothing of whose they are."""
