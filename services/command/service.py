"""What the command needs of a service in order to serve it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Service(Protocol):
    """A service, built and not yet running."""

    @property
    def name(self) -> str:
        """Return its name, such as `ledger`."""
        ...

    @property
    def host(self) -> str:
        """Return the address to listen on."""
        ...

    @property
    def port(self) -> int:
        """Return the port to listen on."""
        ...

    @property
    def app(self) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """Return the ASGI application; its lifespan begins after `start` and ends before `stop`."""
        ...

    async def start(self) -> None:
        """Open pools, start subscriptions and jobs; called before the first request."""
        ...

    async def stop(self) -> None:
        """Undo `start`; called after the last answer."""
        ...
