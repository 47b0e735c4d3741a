"""Reads at streaming replicas that are known to be as new as the reader needs; writes and everything
else are the primary's, and so is every read that a replica does not answer."""

from common.database.replicas.configured import (
    KINDS,
    LOG,
    PUBLIC,
    REASONS,
    Replicas,
    init_app,
    replicas,
)
from common.database.replicas.position import position_reader
from common.database.replicas.replica import PrimaryError, ReplicaBusyError
from common.database.replicas.snapshot import read_if_same

__all__ = [
    "KINDS",
    "LOG",
    "PUBLIC",
    "REASONS",
    "PrimaryError",
    "ReplicaBusyError",
    "Replicas",
    "init_app",
    "position_reader",
    "read_if_same",
    "replicas",
]
