"""What is asked, made of what an installation has, and what it may cost at most; measures nothing."""
