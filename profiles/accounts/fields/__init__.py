"""Values of an account as requests bring them: email, names, time zone. Passwords are in `passwords`."""
