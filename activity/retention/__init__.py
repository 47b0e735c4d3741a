"""What is deleted of the log, and when: what is too old, by the service or by command, and all that
is held about a person. The months' partitions are made in `activity/partitions.py`.
"""
