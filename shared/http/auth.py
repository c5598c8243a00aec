"""Who is calling: an API key of a tenant, or another service on a tenant's behalf.

The tenant comes from the credential and from nowhere else.
"""

from starlette.requests import Request

from shared.http import api_key, exchange
from shared.http.policy import Policy
from shared.http.problem import Problem
from shared.http.service_token import TokenRefused
from shared.kernel.records import record
from shared.service.foundation import Foundation


@record
class Caller:
    """A proven identity. `service` is set when another service acts for `actor`."""

    tenant: str
    actor: str
    scopes: tuple[str, ...]
    livemode: bool = False
    service: str | None = None


_KEY = "forbear.caller"


async def authorize(request: Request, policy: Policy) -> None:
    """Prove who is calling and that the route's policy admits them.

    Raises:
        Problem: 401 or 403.
        StoreUnavailable: the keys cannot be read.
    """
    caller = await authenticate(request, request.app.state.foundation)
    if caller.service:
        if caller.service not in policy.services:
            raise Problem("forbidden")
    elif policy.scope is None:
        raise Problem("forbidden")
    elif policy.scope not in caller.scopes:
        raise Problem("insufficient-scope", f"This needs the scope {policy.scope}.")
    request.scope[_KEY] = caller


def caller_of(request: Request) -> Caller:
    """Return who is calling, on a route that is not public."""
    caller: Caller = request.scope[_KEY]
    return caller


async def authenticate(request: Request, foundation: Foundation) -> Caller:
    """Prove who is calling from the Authorization header.

    Raises:
        Problem: 401, always the same, whatever is wrong.
        StoreUnavailable: the keys cannot be read.
    """
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential:
        raise Problem("unauthenticated")
    if credential.startswith("sk_"):
        caller = await _holder_of(credential, foundation)
    else:
        caller = _service_with(credential, foundation)
    known = exchange.of(request.scope)
    if known:
        known.tenant = caller.tenant
        known.actor = caller.actor
    return caller


async def _holder_of(credential: str, foundation: Foundation) -> Caller:
    try:
        key = api_key.parse(credential)
    except api_key.ApiKeyRefused:
        raise Problem("unauthenticated") from None
    holder = await foundation.keys.find(key.digest)
    if holder is None:
        raise Problem("unauthenticated")
    return Caller(
        tenant=holder.tenant, actor=holder.key_id, scopes=holder.scopes, livemode=holder.livemode
    )


def _service_with(credential: str, foundation: Foundation) -> Caller:
    try:
        caller = foundation.tokens.verify(credential)
    except TokenRefused:
        raise Problem("unauthenticated") from None
    return Caller(
        tenant=caller.tenant,
        actor=caller.actor,
        scopes=tuple(sorted(caller.scopes)),
        service=caller.service,
    )
