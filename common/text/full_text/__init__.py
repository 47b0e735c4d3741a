"""Text for PostgreSQL's full-text search: the query parser, synonyms, tsquery and tsvector literals;
no SQL is run here."""
