"""Times of failed log-ins, measured and compared as distributions; what a log-in answers is tested
in tests/profiles/accounts."""
