"""What the measured workers are told, beside what a run gives them."""

from pathlib import Path
from typing import Any


def settings_of(database_url: str | None, redis_url: str | None, folder: Path) -> dict[str, Any]:
    """The service's defaults, with limits that no load reaches and yet are counted."""
    return {
        "APP_ENV": "testing",
        # The generated events of two years are to stay.
        "ACTIVITY_RETENTION_DAYS": 0,
        "ACTIVITY_ADDRESS_DAYS": 0,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a secret that only the benchmarks of this project use",
        "INSTANCE_DIR": str(folder / "instance"),
        "ACCESS_TOKEN_MINUTES": "600",
        "PUBLIC_READ_LIMIT": "6000000/minute",
        "TRIGGER_LIMIT": "1000000/second;6000000/minute",
        "AUTOSAVE_LIMIT": "6000000/minute",
        "PROFILE_SAVE_LIMIT": "6000000/minute",
        "USER_EVENT_BYTES": 2**40,
        "USER_EVENT_DAY_BYTES": 2**40,
        "ADDRESS_EVENT_BYTES": 2**40,
        "INSIGHTS_CALLER_LIMIT": 1_000_000,
    }
