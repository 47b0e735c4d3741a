"""A profile and its draft as they are stored and as JSON, with their ETags. Nothing here publishes."""
