"""What visitors search for, told to operators: over HTTP to administrators, and on the command line."""
