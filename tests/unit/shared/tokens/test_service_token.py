import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.http.service_token import (
    ServiceTokenSigner,
    ServiceTokenVerifier,
    TokenRefused,
)

START = datetime(2026, 3, 2, 15, 0, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
HEADER = {"alg": "EdDSA", "typ": "forbear-service+jwt", "kid": "contact"}
CLAIMS: dict[str, Any] = {
    "iss": "contact",
    "aud": "compliance",
    "tenant": "agy_1",
    "actor": "key_1",
    "scopes": ["permits:write"],
    "jti": "0" * 32,
    "iat": int(START.timestamp()),
    "exp": int(START.timestamp()) + 60,
}


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(
    header: object = HEADER, claims: object = CLAIMS, key: Ed25519PrivateKey | None = KEY
) -> str:
    """A token as an attacker with any key, or none, would write it."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(key.sign(text.encode())) if key else ''}"


def at_start() -> datetime:
    return START


def verifier(clock: Callable[[], datetime] = at_start, leeway_s: int = 5) -> ServiceTokenVerifier:
    keys = {
        "contact": [KEY.public_key()],
        "ledger": [OTHER_KEY.public_key()],
    }
    return ServiceTokenVerifier("compliance", keys, clock=clock, leeway_s=leeway_s)


def signer(clock: Callable[[], datetime]) -> ServiceTokenSigner:
    return ServiceTokenSigner("contact", KEY, clock=clock)


def make(signing: ServiceTokenSigner, **changes: Any) -> str:
    wanted = {"audience": "compliance", "tenant": "agy_1", "actor": "key_1", "scopes": ["a", "b"]}
    return signing.token(**wanted | changes)


def refusal(token: str, verifying: ServiceTokenVerifier | None = None) -> str:
    with pytest.raises(TokenRefused) as refused:
        (verifying or verifier()).verify(token)
    assert str(refused.value) == "the service token is not valid"
    return refused.value.code


class TestSigner:
    def test_makes_tokens_that_are_accepted(self) -> None:
        clock = Clock()
        caller = verifier(clock).verify(make(signer(clock)))
        assert caller.service == "contact"
        assert (caller.tenant, caller.actor) == ("agy_1", "key_1")
        assert caller.scopes == {"a", "b"}
        assert caller.expires_at == START + timedelta(seconds=60)
        assert len(caller.token_id) == 32

    def test_gives_the_same_token_again_for_45_seconds(self) -> None:
        clock = Clock()
        signing = signer(clock)
        first = make(signing)
        clock.advance(44.9)
        assert make(signing, scopes=["b", "a", "a"]) == first
        clock.advance(0.1)
        assert make(signing) != first
        clock.advance(-3600)
        assert make(signing) != first

    def test_never_shares_a_token_between_callers(self) -> None:
        signing = signer(Clock())
        tokens = {
            make(signing),
            make(signing, tenant="agy_2"),
            make(signing, actor="key_2"),
            make(signing, scopes=["a"]),
            make(signing, audience="ledger"),
        }
        assert len(tokens) == 5

    def test_reads_as_a_plain_jwt(self) -> None:
        claims = jwt.decode(
            make(signer(Clock())),
            KEY.public_key(),
            algorithms=["EdDSA"],
            audience="compliance",
            options={"verify_exp": False, "verify_iat": False},
        )
        assert claims["iss"] == "contact"


class TestVerifier:
    def test_accepts_the_forger_s_own_baseline(self) -> None:
        assert verifier().verify(forged()).tenant == "agy_1"

    @pytest.mark.parametrize("leeway_s", [0, 5])
    def test_refuses_an_expired_token_fresh_or_remembered(self, leeway_s: int) -> None:
        for is_remembered in (True, False):
            clock = Clock()
            verifying, token = verifier(clock, leeway_s), make(signer(clock))
            if is_remembered:
                verifying.verify(token)
            clock.advance(60 + leeway_s - 0.001)
            verifying.verify(token)
            clock.advance(0.001)
            assert refusal(token, verifying) == "token-expired"

    def test_refuses_a_token_from_the_future(self) -> None:
        clock = Clock()
        token = make(signer(clock))
        clock.advance(-5)
        verifying = verifier(clock)
        verifying.verify(token)
        clock.advance(-0.001)
        assert refusal(token, verifying) == "token-from-the-future"

    @pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", "", "HS256", "ES256"])
    def test_refuses_any_other_algorithm(self, algorithm: str) -> None:
        for key in (None, KEY):
            assert refusal(forged(HEADER | {"alg": algorithm}, key=key)) == "token-malformed"

    def test_refuses_a_public_key_used_as_a_shared_secret(self) -> None:
        for encoding, form in (
            (serialization.Encoding.Raw, serialization.PublicFormat.Raw),
            (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        ):
            secret = KEY.public_key().public_bytes(encoding, form)
            text = f"{encoded(HEADER | {'alg': 'HS256'})}.{encoded(CLAIMS)}"
            tag = hmac.digest(secret, text.encode(), "sha256")
            for signature in (tag, tag + tag):
                assert refusal(f"{text}.{encoded(signature)}") == "token-malformed"

    def test_refuses_a_token_signed_with_rsa(self) -> None:
        header = {"typ": HEADER["typ"], "kid": "contact"}
        token = jwt.PyJWS().encode(json.dumps(CLAIMS).encode(), RSA_KEY, "RS256", header)
        assert refusal(token) == "token-malformed"

    @pytest.mark.parametrize(
        "extra",
        [
            {"crit": ["exp"]},
            {"crit": ["b64"], "b64": False},
            {"b64": True},
            {"jku": "https://attacker.example/keys"},
            {"x5u": "https://attacker.example/cert"},
            {"x5c": ["MIIB"]},
            {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
            {"cty": "JWT"},
            {"zip": "DEF"},
            {"enc": "A256GCM", "p2c": 2**31},
        ],
    )
    def test_refuses_any_further_header_field(self, extra: dict[str, Any]) -> None:
        assert refusal(forged(HEADER | extra)) == "token-malformed"

    @pytest.mark.parametrize("kind", ["JWT", "at+jwt", "id+jwt", "", None, ["forbear-service+jwt"]])
    def test_refuses_any_other_type(self, kind: object) -> None:
        assert refusal(forged(HEADER | {"typ": kind})) == "token-malformed"

    @pytest.mark.parametrize("missing", ["alg", "typ", "kid"])
    def test_refuses_a_header_that_lacks_a_field(self, missing: str) -> None:
        header = {name: value for name, value in HEADER.items() if name != missing}
        assert refusal(forged(header)) == "token-malformed"

    @pytest.mark.parametrize(
        "name",
        ["../../etc/passwd", "' OR 1=1 --", "https://x.example", "contact ", "con", "k" * 10**4],
    )
    def test_refuses_an_unknown_key_name(self, name: str) -> None:
        assert refusal(forged(HEADER | {"kid": name})) in {
            "token-malformed",
            "token-unknown-service",
        }

    def test_refuses_another_service_s_signature(self) -> None:
        assert refusal(forged(key=OTHER_KEY)) == "token-wrong-signature"
        assert refusal(forged(HEADER | {"kid": "ledger"}, key=OTHER_KEY)) == "token-wrong-claims"
        assert refusal(forged(HEADER | {"kid": "ledger"})) == "token-wrong-signature"

    def test_accepts_either_key_of_a_rotation(self) -> None:
        keys = {"contact": [OTHER_KEY.public_key(), KEY.public_key()]}
        verifying = ServiceTokenVerifier("compliance", keys, clock=Clock())
        assert verifying.verify(forged()).service == "contact"
        assert verifying.verify(forged(key=OTHER_KEY)).service == "contact"

    @pytest.mark.parametrize("missing", sorted(CLAIMS))
    def test_refuses_a_token_that_lacks_a_claim(self, missing: str) -> None:
        claims = {name: value for name, value in CLAIMS.items() if name != missing}
        assert refusal(forged(claims=claims)) == "token-wrong-claims"

    @pytest.mark.parametrize(
        "change",
        [
            {"exp": str(CLAIMS["exp"])},
            {"exp": float(CLAIMS["exp"])},
            {"exp": True},
            {"exp": None},
            {"exp": 2**70},
            {"exp": -1},
            {"exp": CLAIMS["iat"]},
            {"exp": CLAIMS["iat"] + 61},
            {"iat": CLAIMS["iat"] - 1},
            {"iat": 0},
            {"nbf": CLAIMS["iat"] + 61},
            {"iss": "con"},
            {"iss": "contact-2"},
            {"iss": ["contact"]},
            {"aud": ["compliance"]},
            {"tenant": ["agy_1"]},
            {"tenant": ""},
            {"tenant": "agy_1\n"},
            {"tenant": None},
            {"actor": "x" * 201},
            {"scopes": "permits:write"},
            {"scopes": [1]},
            {"scopes": ["a b"]},
            {"scopes": [f"s{n}" for n in range(65)]},
            {"admin": True},
        ],
    )
    def test_refuses_odd_claims(self, change: dict[str, Any]) -> None:
        assert refusal(forged(claims=CLAIMS | change)) == "token-wrong-claims"

    @pytest.mark.parametrize(
        "claims",
        [
            json.dumps(CLAIMS).replace(str(CLAIMS["exp"]), "1e400").encode(),
            json.dumps(CLAIMS).replace(str(CLAIMS["exp"]), "NaN").encode(),
            b"[" * 2_000,
            b"\xff\xfe",
            b"null",
            b"{}{}",
            b"",
        ],
    )
    def test_refuses_unreadable_claims(self, claims: bytes) -> None:
        assert refusal(forged(claims=claims)) in {"token-wrong-claims", "token-malformed"}

    @pytest.mark.parametrize("audience", ["ledger", "compliance2", "complianc", "Compliance"])
    def test_refuses_another_audience(self, audience: str) -> None:
        assert refusal(forged(claims=CLAIMS | {"aud": audience})) == "token-wrong-audience"

    @pytest.mark.parametrize(
        "token",
        ["", ".", "..", "a.b", "a.b.c", "." * 10_000, "a." * 10_000, "A" * 1_000_000]
        + ["a.b.c.d.e", "é.é.é", "\ud800.a.b", forged() + "\n", forged() + "=", " " + forged()]
        + [forged(key=None), forged(claims=CLAIMS | {"actor": "x" * 4_000})],
    )
    def test_refuses_what_is_not_in_the_form_of_a_token(self, token: str) -> None:
        assert refusal(token) == "token-malformed"

    def test_refuses_a_flipped_character_anywhere(self) -> None:
        token = forged()
        verifying = verifier()
        verifying.verify(token)
        for position, character in enumerate(token):
            flipped = "A" if character != "A" else "B"
            refusal(token[:position] + flipped + token[position + 1 :], verifying)

    @given(st.text(max_size=120))
    def test_raises_nothing_else_for_any_text(self, text: str) -> None:
        refusal(text)

    @given(st.binary(max_size=60), st.binary(max_size=60), st.binary(min_size=64, max_size=64))
    def test_raises_nothing_else_for_any_parts(
        self, header: bytes, claims: bytes, tag: bytes
    ) -> None:
        refusal(f"{encoded(header)}.{encoded(claims)}.{encoded(tag)}")
        refusal(f"{encoded(HEADER)}.{encoded(claims)}.{encoded(tag)}")

    @given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
    def test_raises_nothing_else_for_any_signed_claims(self, claims: object) -> None:
        refusal(forged(claims=claims))

    def test_refuses_a_long_leeway(self) -> None:
        with pytest.raises(ValueError, match="leeway"):
            verifier(leeway_s=6)
