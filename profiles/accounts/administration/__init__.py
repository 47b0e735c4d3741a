"""What operators do to accounts: commands, deactivation, upkeep. `two_factor` has its own commands."""
