"""What searches read of public rows: the search document, its table in tiers, and the vocabulary."""
