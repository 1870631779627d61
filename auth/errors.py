"""What is refused about who somebody is, as errors that a client can act on."""

from enum import StrEnum

from core.errors import BadInput, RequestError


class Refusal(StrEnum):
    """Why a credential is refused, as far as its holder may know."""

    MALFORMED = "MALFORMED"
    INVALID = "INVALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class AuthenticationError(RequestError):
    """A credential that is not accepted (HTTP 401). `reason` in the details: EXPIRED is mended by a refresh."""

    def __init__(self, reason: Refusal, message: str = "the credential is not accepted; sign in again") -> None:
        super().__init__("UNAUTHENTICATED", message, reason=reason.value)
        self.reason = reason


class NotFromHere(RequestError):
    """An administrator who asks from a network that administrators may not ask from (HTTP 403)."""

    def __init__(self) -> None:
        super().__init__("FORBIDDEN", "administrators may not use the service from this network")


class Unavailable(RequestError):
    """A credential that cannot be checked at the moment (HTTP 503): the database or the issuer does not answer."""

    def __init__(self) -> None:
        super().__init__("SERVICE_UNAVAILABLE", "credentials cannot be checked at the moment; try again")


class SignInFailed(RequestError):
    """A sign-in or other proof of identity that failed: one answer for every cause, so that it tells nothing."""

    def __init__(self) -> None:
        message = "that did not work: the login, password or code is wrong, or the account is locked or disabled"
        super().__init__("SIGN_IN_FAILED", message)


class SecondFactorRequired(RequestError):
    """The password is right; the code of the authenticator app or a recovery code is missing."""

    def __init__(self) -> None:
        super().__init__("SECOND_FACTOR_REQUIRED", "the code of the authenticator app is needed as well")


class StepUpRequired(RequestError):
    """An action that wants a fresh proof of identity."""

    def __init__(self, message: str = "prove who you are once more (stepUp), then try again") -> None:
        super().__init__("STEP_UP_REQUIRED", message)


class WeakPassword(BadInput):
    """A new password that is too easy to guess; the message says what would make it better."""
