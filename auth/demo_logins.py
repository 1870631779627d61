"""Which logins are those of the demo users."""

SUFFIX = "@demo"


def is_demo_login(login: str) -> bool:
    """Whether a login is reserved for demo users."""
    return login.lower().endswith(SUFFIX)
