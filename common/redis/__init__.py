"""Redis: its address in whatever topology, and a client whose absence costs little; no keys of anybody."""
