"""How fast it is, measured by anyone: `python -m tests.benchmarks` prints one table."""
