"""Sessions and their tokens: refreshed, listed, ended. What opens one is in `login` and `registration`."""
