"""Who asks over a connection, and from where: looked at anew for each operation, since what they may can change."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from auth.actor import Actor
from execution.context import OperationContext
from execution.services import Services
from transport.parameters import BadRequest


@dataclass(slots=True)
class Caller:
    """The credentials of a connection (Authorization and X-API-Key, as sent), its network address, and what the client
    calls itself.
    """

    services: Services
    authorization: str | None
    api_key: str | None
    address: str
    device: str

    async def actor(self) -> Actor:
        """The actor as of now. Raises AuthenticationError, NotFromHere, Unavailable."""
        return await self.services.authentication.authenticator.actor(self.authorization, self.api_key, self.address)

    def context_of(self, actor: Actor) -> OperationContext:
        """What one operation of the actor carries with it."""
        return OperationContext(self.services.reader(actor), actor, self.services, self.device, self.address)

    async def context(self) -> OperationContext:
        """The same for the actor as of now. Raises AuthenticationError, NotFromHere, Unavailable."""
        return self.context_of(await self.actor())


def caller_of(connection: HTTPConnection) -> Caller:
    """Who asks, by the headers of a request or of a handshake. Raises BadRequest for two credentials of a kind."""
    return Caller(
        connection.app.state.services,
        _credential(connection, "authorization"),
        _credential(connection, "x-api-key"),
        # By X-Forwarded-For where the web server trusts who sent that.
        connection.client.host if connection.client else "local",
        connection.headers.get("user-agent", ""),
    )


def _credential(connection: HTTPConnection, header: str) -> str | None:
    """The header with a credential. Two of them are refused: what stands before us may have looked at the other."""
    found = connection.headers.getlist(header)
    if len(found) > 1:
        raise BadRequest(f"there is more than one {header} header: send one")
    return found[0] if found else None
