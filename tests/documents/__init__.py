"""The repository's documents speak of what is there; what they say of the service is tested with
its packages."""
