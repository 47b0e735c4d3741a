"""Reads at replicas, on servers with real streaming replication: none is stale, and none fails."""
