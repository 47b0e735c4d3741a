"""How long clients have, and how much of theirs is held in memory meanwhile."""

# From the first byte of a request to the end of its head, on to the end of its body, and between
# two pieces of the body.
HEAD_SECONDS = 10
BODY_SECONDS = 120
PAUSE_SECONDS = 20
# To read an answer of the largest size that is held for its client.
FLUSH_SECONDS = 120
# To take any part of a longer answer, which is streamed by a thread.
SEND_SECONDS = 30
# After an answer to a request that was not read to its end (RFC 9112 §9.6).
LINGER_SECONDS = 10

LARGEST_HEAD = 64 * 1024
# Of any operation: an avatar in its form. Larger bodies are refused by what their head announces.
LARGEST_BODY = 6 * 1024 * 1024
# Bodies up to this size count, but are never refused because others fill the memory.
SMALL_BODY = 64 * 1024
# Each chunk of a body costs the loop the same, however few bytes it has: of smaller ones a request may
# have so many.
SMALL_CHUNK = 64
MOST_SMALL_CHUNKS = 1000
# Of one answer, before its next piece is made.
MOST_PENDING_BYTES = 2 * 1024 * 1024
# Of all requests that one worker holds, and likewise of all answers.
MOST_BUFFERED_BYTES = 96 * 1024 * 1024
# Of the rest of one request that was refused.
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
# One in so many connections is given up when there is room for no more.
EVICTED_SHARE = 10
