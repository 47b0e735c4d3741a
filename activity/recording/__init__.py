"""What an event is made of and how it is stored: in the caller's transaction or many at once, and
what visitors do as daily counts; with the bytes it counts for. What waits for its time is in
`queue`, what is read again in `log`.
"""
