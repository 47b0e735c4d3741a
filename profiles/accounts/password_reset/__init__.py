"""A forgotten password, set anew by a link that came by mail. Its change by the owner is in `passwords`."""
