"""The files under deploy/, tried with the programs they are for."""
