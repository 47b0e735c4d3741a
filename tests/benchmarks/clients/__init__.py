"""Clients that send calls over HTTP: as fast as they are answered, or at a steady rate."""
