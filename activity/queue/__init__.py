"""The queue of implicit events: observed by requests, stored by one thread per process, with what
other domains add up and do at that time. How a row is stored is in `recording`.
"""
