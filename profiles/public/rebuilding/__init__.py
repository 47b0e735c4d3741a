"""Rebuilding public rows: in a change's transaction, or all by command. What they show is `privacy`'s."""
