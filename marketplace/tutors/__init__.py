"""The endpoints of tutors: the list, one tutor, and the older list. What they read is found by `listing`."""
