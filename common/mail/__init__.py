"""Outgoing mail: the outbox and its sender. Texts live in the domains that write them."""
