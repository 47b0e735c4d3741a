"""Everything held about a person at once: export and erasure. Single parts have rooms of their own."""
