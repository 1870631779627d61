"""The rules of signing in that settings decide, in one readable object."""

from dataclasses import dataclass
from datetime import timedelta

from auth.networks import Network, is_within, networks
from core.errors import StartError
from core.settings import Settings
from models.roles import Role


@dataclass(frozen=True, slots=True)
class Policy:
    """How long tokens and sessions live, and what is asked of whom."""

    production: bool = False
    issuer: str = "customer360"
    audience: str = "customer360"
    access_lifetime: timedelta = timedelta(minutes=10)
    idle_lifetime: timedelta = timedelta(minutes=30)
    session_lifetime: timedelta = timedelta(hours=12)
    step_up_window: timedelta = timedelta(minutes=15)
    second_factor_roles: frozenset[Role] = frozenset()
    # Where administrators may come from; empty for anywhere.
    admin_networks: tuple[Network, ...] = ()

    def may_come_from(self, address: str | None, roles: frozenset[Role]) -> bool:
        """Whether somebody with these roles may come from an address; who is no administrator may from any."""
        if not self.admin_networks or Role.ADMINISTRATOR not in roles:
            return True
        return is_within(address, self.admin_networks)

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """The rules by the settings.

        Raises StartError when they name a role that is none, or contradict one another.
        """
        idle = timedelta(minutes=settings.session_idle_minutes)
        access = timedelta(minutes=settings.access_token_minutes)
        if idle <= access:
            raise StartError("C360_SESSION_IDLE_MINUTES must be larger than C360_ACCESS_TOKEN_MINUTES")
        return cls(
            production=settings.env == "production",
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            access_lifetime=access,
            idle_lifetime=idle,
            session_lifetime=timedelta(hours=settings.session_hours),
            step_up_window=timedelta(minutes=settings.step_up_minutes),
            second_factor_roles=frozenset(
                role_named(name, "C360_REQUIRE_SECOND_FACTOR") for name in settings.require_second_factor
            ),
            admin_networks=networks(settings.admin_networks),
        )


def role_named(name: str, variable: str) -> Role:
    """The role with this name, in any case. Raises StartError naming the variable."""
    try:
        return Role[name.strip().upper()]
    except KeyError:
        raise StartError(f"{variable}: {name} is no role; there are {', '.join(Role)}") from None
