"""Two factors: enrolment, codes, a log-in's second step. The password step lives in `accounts.login`."""
