"""The service's settings, all from the environment, all with a default that works."""

import json
import os
import re
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import StartError

# An origin as browsers send it: in small letters, with a port only where it is not the usual one.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")


def _default_home() -> Path:
    # PostgreSQL refuses to run as root, and the user it then runs as cannot look into root's own home.
    return Path("/var/lib/customer360" if os.geteuid() == 0 else "~/.local/share/customer360")


class Settings(BaseSettings):
    """Settings by environment variable; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="C360_", populate_by_name=True, extra="ignore")

    env: Literal["development", "production"] = Field(
        default="development",
        description="`production` makes no demo users and refuses to start without keys of its own.",
    )
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
    metrics: bool = Field(default=True, description="Whether GET /metrics answers; it is for the inner network.")
    master_key: SecretStr | None = Field(
        default=None, description="Master key of the sensitive values: the base64 of 32 bytes."
    )
    master_key_file: Path | None = Field(
        default=None, description="File of the master key; further lines are older keys that are still accepted."
    )
    master_keys_old: SecretStr | None = Field(
        default=None, description="Older master keys that are still accepted, by commas apart."
    )
    max_body_bytes: int = Field(default=1_000_000, ge=1000, description="Largest request body accepted.")
    sockets_per_actor: int = Field(
        default=100, ge=1, description="WebSockets one user or API key may have open, in each worker."
    )
    subscriptions_per_actor: int = Field(
        default=200, ge=1, description="Subscriptions one user or API key may follow at a time, in each worker."
    )
    audit_buffer: int = Field(
        default=10_000, ge=100, le=1_000_000, description="Audit entries each worker keeps while the database is gone."
    )
    audit_when_full: Literal["refuse", "continue"] = Field(
        default="refuse", description="With that many: refuse what has to be recorded, or continue and note the gap."
    )
    feed_days: int = Field(
        default=30, ge=1, le=3650, description="How many days of missed events a subscription can begin with."
    )
    nats_url: str | None = Field(
        default=None,
        validation_alias="NATS_URL",
        description="A NATS server with JetStream through which events reach all workers, such as nats://host:4222.",
    )
    background: bool = Field(
        default=True, description="Whether the service does background work too, besides any `c360 worker`."
    )
    webhook_private: bool = Field(
        default=False, description="Let webhooks go to private addresses and plain http; refused in production."
    )
    webhook_seconds: float = Field(
        default=15.0, ge=0.5, le=60, description="How long an endpoint of a webhook may take to answer."
    )
    webhook_attempts: int = Field(
        default=10, ge=1, le=30, description="How often a webhook is tried before it is given up as dead."
    )
    webhook_disable_days: int = Field(
        default=3, ge=1, le=90, description="An endpoint at which nothing arrived for so many days is disabled."
    )
    rate_limit_storage: str = Field(
        default="memory://", description="Where rates are counted: memory:// in each worker, or redis://… for all."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may ask the endpoint, by commas: https://portal.example.com"
    )
    rate_limit_factor: float = Field(
        default=1.0, ge=0, allow_inf_nan=False, description="The points a minute of all roles, times this; 0: no limit."
    )

    trusted_documents: Literal["off", "partners", "all"] = Field(
        default="off", description="Who may run nothing but published operations: nobody, partners, or everybody."
    )
    admin_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Networks administrators may ask from, by commas: 10.1.0.0/16; any unless given."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1",), description="Proxies whose X-Forwarded-For and -Proto are believed, by commas."
    )
    tls_cert_file: Path | None = Field(
        default=None, description="PEM file of the certificate, with its chain; the service then speaks HTTPS."
    )
    tls_key_file: Path | None = Field(default=None, description="PEM file of the certificate's private key.")
    sign_ins_per_minute: int = Field(
        default=30, ge=0, description="Sign-ins that may be tried from one network address in a minute; 0: any number."
    )

    token_issuer: str = Field(default="customer360", min_length=1, description="`iss` of the tokens the service makes.")
    token_audience: str = Field(
        default="customer360", min_length=1, description="`aud` of the tokens the service makes."
    )
    access_token_minutes: int = Field(default=10, ge=1, le=60, description="Life of an access token, in minutes.")
    session_idle_minutes: int = Field(
        default=30, ge=2, le=10_080, description="A session ends when it is not refreshed for so many minutes."
    )
    session_hours: int = Field(
        default=12, ge=1, le=720, description="A session ends after so many hours at the latest."
    )
    step_up_minutes: int = Field(
        default=15,
        ge=1,
        le=480,
        description="For so many minutes after a proof of identity sensitive actions are open.",
    )
    require_second_factor: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Roles that must have a second factor, separated by commas."
    )
    signing_key_file: Path | None = Field(
        default=None, description="PEM file of the private key that signs access tokens (Ed25519 or P-256)."
    )
    signing_keys_old_files: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="PEM files of further keys whose tokens are still accepted, separated by commas."
    )
    oidc_issuer: str | None = Field(
        default=None, description="URL of an OpenID Connect issuer whose tokens are accepted."
    )
    oidc_audience: str | None = Field(default=None, description="`aud` that tokens of the OIDC issuer must have.")
    oidc_role_claim: str = Field(default="roles", description="Claim with the roles; dots lead into objects.")
    oidc_role_map: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict, description="JSON object: a value of the role claim, and the role it stands for here."
    )
    oidc_partner_claim: str = Field(default="partner", description="Claim with the partner number of a partner's user.")

    @field_validator(
        "require_second_factor",
        "signing_keys_old_files",
        "cors_origins",
        "admin_networks",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin; write it like https://portal.example.com, without a path")
        return value

    @field_validator("admin_networks", "trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(f"{network!r} is no network; write it like 10.1.0.0/16") from None
        return value

    @field_validator("oidc_role_map", mode="before")
    @classmethod
    def _json_object(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('is not JSON; write it like {"their-group": "AGENT"}') from None

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
