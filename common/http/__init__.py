"""The HTTP conventions every domain shares: strict input, problem documents, authentication,
conditional requests, pagination, rate limits. No endpoint of the product lives here."""
