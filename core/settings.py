"""The service's settings, all from the environment, all with a default that works."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import StartError


def _default_home() -> Path:
    # PostgreSQL refuses to run as root, and the user it then runs as cannot look into root's own home.
    return Path("/var/lib/customer360" if os.geteuid() == 0 else "~/.local/share/customer360")


class Settings(BaseSettings):
    """Settings by environment variable; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="C360_", populate_by_name=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(default=1, ge=1, le=64, description="Number of worker processes.")
    home: Path = Field(default_factory=_default_home, description="Data folder: holds the embedded PostgreSQL.")
    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL (15 or newer) to use in place of the embedded one.",
    )
    pool_size: int = Field(default=8, ge=1, le=100, description="Database connections per worker.")
    demo_customers: int = Field(default=1000, ge=0, description="Customers in the demo world of the first start.")
    max_body_bytes: int = Field(default=1_000_000, ge=1000, description="Largest request body accepted.")

    @cached_property
    def home_folder(self) -> Path:
        """The data folder with `~` resolved."""
        return self.home.expanduser().resolve()


def load(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Raises StartError naming the variable when a value is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"C360_{name.upper()}"
        raise StartError(f"{variable}: {first['msg']}") from None
