"""How one tutor is found, told to that tutor alone. How it is counted is marketplace/analytics'."""
