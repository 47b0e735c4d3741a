"""Everything held about a person at once: its export and its erasure. Single parts have rooms of their own."""
