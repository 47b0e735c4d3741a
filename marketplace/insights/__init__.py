"""How one tutor is found, shown to that tutor alone. How it is counted is marketplace/analytics'."""
