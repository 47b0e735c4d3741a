"""Public reads and stored bytes, counted in each process and shared soon after; no limits that are exact."""
