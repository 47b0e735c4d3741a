"""Promises of the whole application: what must hold for every import, route and operation; what one
of them does is tested with its package."""
