"""Two factors: turned on and off, codes made and checked. The second step of a log-in is in `login`."""
