"""Tokens between services: who calls, for which tenant and actor, and what it may do.

One algorithm (Ed25519), one type, three header fields and no others: there is nothing in a token
that could choose how it is verified. A token lives 60 s; both sides reuse their work on it.
"""

import base64
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

import jwt
import msgspec
from cachetools import LRUCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.vault.entropy import Entropy, system_entropy

ALGORITHM = "EdDSA"
TYPE = "forbear-service+jwt"
LIFETIME_S = 60
REUSE_S = 45
LEEWAY_S_MAX = 5
TOKEN_CHARACTERS_MAX = 4_096
TOKENS_KEPT_MAX = 4_096
SCOPES_MAX = 64
_ID_BYTES = 16

# Base64url without padding; the signature of Ed25519 is 64 bytes, so 86 characters.
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,512})\.[A-Za-z0-9_-]{1,3400}\.[A-Za-z0-9_-]{86}")

Name = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,200}\Z")]
Code = Literal[
    "token-malformed",
    "token-unknown-service",
    "token-wrong-signature",
    "token-wrong-claims",
    "token-wrong-audience",
    "token-expired",
    "token-from-the-future",
]


class TokenRefused(Exception):
    """A token that proves nothing; `code` is for our logs, the caller is told no more than 401."""

    def __init__(self, code: Code) -> None:
        super().__init__("the service token is not valid")
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """What a valid token vouches for."""

    service: str
    tenant: str
    actor: str
    scopes: frozenset[str]
    token_id: str
    expires_at: datetime


class _Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    alg: Literal["EdDSA"]
    typ: Literal["forbear-service+jwt"]
    kid: Name


class _Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    iss: Name
    aud: Name
    tenant: Name
    actor: Name
    scopes: Annotated[tuple[Name, ...], msgspec.Meta(max_length=SCOPES_MAX)]
    jti: Name
    iat: Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
    exp: Annotated[int, msgspec.Meta(ge=0, lt=2**40)]


class ServiceTokenSigner:
    """Makes one service's tokens; the same one again for 45 s."""

    def __init__(
        self,
        service: str,
        key: Ed25519PrivateKey,
        *,
        clock: Callable[[], datetime],
        entropy: Entropy = system_entropy,
    ) -> None:
        self._service = service
        self._key = key
        self._clock = clock
        self._entropy = entropy
        self._jws = jwt.PyJWS(algorithms=[ALGORITHM])
        self._made: LRUCache[tuple[str, str, str, frozenset[str]], tuple[int, str]] = LRUCache(
            TOKENS_KEPT_MAX
        )

    def token(self, *, audience: str, tenant: str, actor: str, scopes: Collection[str]) -> str:
        """Return a token that is good for at least another 15 s."""
        what = (audience, tenant, actor, frozenset(scopes))
        now = int(self._clock().timestamp())
        made = self._made.get(what)
        if made is not None and 0 <= now - made[0] < REUSE_S:
            return made[1]
        token = self._sign(*what, now)
        self._made[what] = (now, token)
        return token

    def _sign(
        self, audience: str, tenant: str, actor: str, scopes: frozenset[str], now: int
    ) -> str:
        claims = _Claims(
            iss=self._service,
            aud=audience,
            tenant=tenant,
            actor=actor,
            scopes=tuple(sorted(scopes)),
            jti=self._entropy(_ID_BYTES).hex(),
            iat=now,
            exp=now + LIFETIME_S,
        )
        header = {"typ": TYPE, "kid": self._service}
        return self._jws.encode(msgspec.json.encode(claims), self._key, ALGORITHM, header)


class ServiceTokenVerifier:
    """Accepts tokens made for one audience by services whose public keys it knows.

    Raises:
        ValueError: the leeway is more than 5 s.
    """

    def __init__(
        self,
        audience: str,
        keys: Mapping[str, Sequence[Ed25519PublicKey]],
        *,
        clock: Callable[[], datetime],
        leeway_s: int = LEEWAY_S_MAX,
    ) -> None:
        if not 0 <= leeway_s <= LEEWAY_S_MAX:
            raise ValueError(f"the leeway is at most {LEEWAY_S_MAX} s")
        self._audience = audience
        self._keys = {service: tuple(each) for service, each in keys.items()}
        self._clock = clock
        self._leeway = timedelta(seconds=leeway_s)
        self._jws = jwt.PyJWS(algorithms=[ALGORITHM])
        self._seen: LRUCache[bytes, tuple[ServiceCaller, datetime]] = LRUCache(TOKENS_KEPT_MAX)

    def verify(self, token: str) -> ServiceCaller:
        """Accept a token.

        Raises:
            TokenRefused: whatever is wrong with it; nothing else is raised for any text.
        """
        match = _TOKEN.fullmatch(token) if len(token) <= TOKEN_CHARACTERS_MAX else None
        if match is None:
            raise TokenRefused("token-malformed")
        digest = sha256(token.encode()).digest()
        seen = self._seen.get(digest)
        caller, issued_at = seen if seen is not None else self._read(token, match[1])
        now = self._clock()
        if issued_at - now > self._leeway:
            raise TokenRefused("token-from-the-future")
        if now - caller.expires_at >= self._leeway:
            raise TokenRefused("token-expired")
        self._seen[digest] = (caller, issued_at)
        return caller

    def _read(self, token: str, encoded_header: str) -> tuple[ServiceCaller, datetime]:
        service = _service_named(encoded_header)
        if service not in self._keys:
            raise TokenRefused("token-unknown-service")
        claims = self._claims(token, service)
        if claims.iss != service or not 0 < claims.exp - claims.iat <= LIFETIME_S:
            raise TokenRefused("token-wrong-claims")
        if claims.aud != self._audience:
            raise TokenRefused("token-wrong-audience")
        caller = ServiceCaller(
            service=service,
            tenant=claims.tenant,
            actor=claims.actor,
            scopes=frozenset(claims.scopes),
            token_id=claims.jti,
            expires_at=datetime.fromtimestamp(claims.exp, UTC),
        )
        return caller, datetime.fromtimestamp(claims.iat, UTC)

    def _claims(self, token: str, service: str) -> _Claims:
        for key in self._keys[service]:
            try:
                payload = self._jws.decode(token, key, algorithms=[ALGORITHM])
                return msgspec.json.decode(payload, type=_Claims)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError):
                # Malformed beneath a right signature, or not readable at all.
                raise TokenRefused("token-wrong-claims") from None
        raise TokenRefused("token-wrong-signature")


def _service_named(encoded_header: str) -> str:
    try:
        header = base64.urlsafe_b64decode(encoded_header + "=" * (-len(encoded_header) % 4))
        return msgspec.json.decode(header, type=_Header).kid
    except ValueError:
        raise TokenRefused("token-malformed") from None
