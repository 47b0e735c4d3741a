"""A new account with all that belongs to it. The proof of its address is in `address`."""
