"""What the schemas of every domain are made of: base classes, strict fields, the reader of plain queries.
Takes no request apart (`parsing`), and no schema of the product lives here."""
