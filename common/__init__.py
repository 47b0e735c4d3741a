"""Infrastructure every domain uses: configuration, HTTP, database, text, operations. No domain
rule lives here."""
