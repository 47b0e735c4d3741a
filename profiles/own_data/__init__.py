"""Everything held about a person at once: export and erasure. Single parts live in their domains."""
