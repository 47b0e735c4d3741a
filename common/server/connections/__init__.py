"""Clients' connections: requests that are read as they arrive, or refused as malformed, and answers
that are sent as fast as the client reads; nothing here waits for a client, or occupies a thread."""
