"""What clients send: one event or a batch, each stored once however often it is sent. What the
server records by itself is not here.

A receipt holds the caller's key (an idempotency key, a message id, or a digest of the event)
and is committed with the event it speaks of. Two calls with one key wait for each other at the
receipt's primary key.
"""
