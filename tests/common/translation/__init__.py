"""Messages in the reader's language: marks, catalogues, negotiation, and the answers that have them."""
