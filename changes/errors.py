"""Why a command was not carried out. All of them become entries of `userErrors`; nothing was changed."""

from core.errors import RequestError


class NotFound(RequestError):
    """There is no such object, or it is not the actor's to see: the answer is the same."""

    def __init__(self, kind: str, argument: str | None = None) -> None:
        super().__init__("NOT_FOUND", f"there is no {kind} with this id", argument=argument)


class CustomerMerged(RequestError):
    """The customer was merged into another, who is meant now."""

    def __init__(self, number: str, survivor: str, survivor_id: str, argument: str | None = None) -> None:
        super().__init__(
            "CUSTOMER_MERGED",
            f"customer {number} was merged into {survivor} ({survivor_id}); go on with that one",
            argument=argument,
        )


class Conflict(RequestError):
    """The object was changed since the client read it."""

    def __init__(self, kind: str, version: int) -> None:
        super().__init__(
            "CONFLICT",
            f"the {kind} was changed meanwhile and is at version {version}; read it again",
            argument="input.expectedVersion",
            currentVersion=version,
        )


class Forbidden(RequestError):
    """The actor lacks the permission that the command needs."""

    def __init__(self, permission: str) -> None:
        super().__init__("FORBIDDEN", f"this needs the permission {permission}", permission=permission)


class KeyReused(RequestError):
    """The idempotency key was used before, for something else."""

    def __init__(self) -> None:
        super().__init__(
            "IDEMPOTENCY_KEY_REUSED",
            "this key was used before with other input; a new request needs a new key",
            argument="idempotencyKey",
        )


class Impossible(RequestError):
    """The command makes no sense here, for a reason of the business; `code` says which."""

    def __init__(self, code: str, message: str, argument: str | None = None) -> None:
        super().__init__(code, message, argument=f"input.{argument}" if argument else None)
