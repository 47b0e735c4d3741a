"""Log-in: the password, then a code where two factors are on; guesses are limited and reported.

What a log-in opens is in `sessions`, how codes are made and checked in `two_factor`.
"""
