"""What surrounds every request, whatever its view: its id, its Host and its client's address, CORS and
security headers. Who calls is found out in `auth`, and how often in `limits`."""
