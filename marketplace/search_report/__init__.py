"""What visitors search for, reported to operators: over HTTP to administrators, and on the command line."""
