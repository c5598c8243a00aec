import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from shared.http.webhook_signature import (
    Delivery,
    MalformedKey,
    PrivateKey,
    PublicKey,
    SharedSecret,
    SignatureRefused,
    sign,
    verify,
)

NOW = datetime(2026, 3, 2, 15, 0, 0, tzinfo=UTC)
SECRET = SharedSecret(bytes(range(100, 132)))
OLD_SECRET = SharedSecret(bytes(range(24)))
PRIVATE = PrivateKey.parse("whsk_" + base64.b64encode(bytes(range(32))).decode())
BODY = b'{"type":"placement.received","rows":[{"balance":2432232314}]}'
ID = "msg_2mXq8ZJH4kzYQnVbT0rC"

# Made for this test with `openssl dgst -sha256 -hmac` over "id.timestamp.body" and written down.
FIXED_ID, FIXED_TIMESTAMP = "msg_forbear_1", 1772463600
FIXED_BODY = b'{"hello":"forbear"}'
FIXED_SIGNATURE = "v1,MgrR15GVvYHVyuWxZgjAnYFSN9mfJXAjT/qnuzmLiRg="


def signed(
    *keys: SharedSecret | PrivateKey, at: datetime = NOW, body: bytes = BODY
) -> dict[str, str]:
    return sign(keys or (SECRET,), message_id=ID, sent_at=at, body=body)


def refusal(
    headers: Mapping[str, str],
    *,
    body: bytes = BODY,
    keys: Sequence[SharedSecret | PublicKey] = (SECRET,),
    now: datetime = NOW,
) -> str:
    with pytest.raises(SignatureRefused) as refused:
        verify(headers, body, keys, now=now)
    return refused.value.code


def with_signature(text: str) -> dict[str, str]:
    return signed() | {"webhook-signature": text}


class TestVerify:
    def test_accepts_what_was_signed(self) -> None:
        assert verify(signed(), BODY, [SECRET], now=NOW) == Delivery(ID, NOW)

    def test_accepts_any_bytes_as_body(self) -> None:
        for body in (b"", b"\xff\xfe\x00", b"a" * 262_143):
            verify(signed(body=body), body, [SECRET], now=NOW)

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_refuses_a_missing_header(self, name: str) -> None:
        headers = signed()
        del headers[name]
        assert refusal(headers) == "missing-header"

    def test_refuses_another_secret(self) -> None:
        assert refusal(signed(), keys=[OLD_SECRET]) == "no-match"
        assert refusal(signed(), keys=[]) == "no-match"

    def test_refuses_a_body_written_anew(self) -> None:
        assert refusal(signed(), body=BODY.replace(b":", b": ")) == "no-match"

    def test_refuses_a_flipped_bit_anywhere(self) -> None:
        headers = signed()
        for position in range(len(BODY) * 8):
            body = bytearray(BODY)
            body[position // 8] ^= 1 << position % 8
            assert refusal(headers, body=bytes(body)) == "no-match"
        for name, value in headers.items():
            for position in range(len(value)):
                for bit in range(7):
                    flipped = chr(ord(value[position]) ^ 1 << bit)
                    altered = value[:position] + flipped + value[position + 1 :]
                    assert refusal(headers | {name: altered})

    @pytest.mark.parametrize("seconds", [0, 1, 299, 300])
    def test_accepts_either_way_within_five_minutes(self, seconds: int) -> None:
        for now in (NOW + timedelta(seconds=seconds), NOW - timedelta(seconds=seconds)):
            verify(signed(), BODY, [SECRET], now=now)

    @pytest.mark.parametrize("seconds", [300.000001, 301, 86_400 * 3])
    def test_refuses_what_is_stale_or_from_the_future(self, seconds: float) -> None:
        assert refusal(signed(), now=NOW + timedelta(seconds=seconds)) == "stale"
        assert refusal(signed(), now=NOW - timedelta(seconds=seconds)) == "future"

    @pytest.mark.parametrize(
        "timestamp",
        ["1e9", "-1", "+1", "٣", "1" * 40, "1772463600000", "", " 1772463600", "1772463600\n"]
        + ["01772463600", "1_772", "0x10", "1772463600.0", "nan"],
    )
    def test_refuses_a_malformed_timestamp(self, timestamp: str) -> None:
        assert refusal(signed() | {"webhook-timestamp": timestamp}) == "malformed-timestamp"

    @pytest.mark.parametrize(
        "message_id", ["", "msg.1", "msg\n1", "msg_1\n", "m" * 257, "msg 1", "msg_é", "msg\x7f"]
    )
    def test_refuses_a_malformed_id(self, message_id: str) -> None:
        assert refusal(signed() | {"webhook-id": message_id}) == "malformed-id"

    def test_refuses_a_border_moved_from_id_to_timestamp(self) -> None:
        headers = sign([SECRET], message_id="a", sent_at=NOW, body=b"1." + BODY)
        timestamp = headers["webhook-timestamp"]
        moved = headers | {"webhook-id": f"a.{timestamp}", "webhook-timestamp": "1"}
        assert refusal(moved) == "malformed-id"

    def test_refuses_more_than_ten_signatures(self) -> None:
        good = signed()["webhook-signature"]
        verify(with_signature(" ".join([good] * 10)), BODY, [SECRET], now=NOW)
        assert refusal(with_signature(" ".join([good] * 11))) == "too-many-signatures"
        assert refusal(with_signature(" ".join([good] * 5_000))) == "too-many-signatures"

    def test_finds_the_right_signature_among_others(self) -> None:
        good = signed()["webhook-signature"]
        wrong = "v1," + base64.b64encode(bytes(32)).decode()
        listed = f"{wrong} v2,{good[3:]} nonsense {good} {wrong}"
        verify(with_signature(listed), BODY, [SECRET], now=NOW)

    def test_refuses_other_ways_to_write_the_same_signature(self) -> None:
        raw = base64.b64decode(signed()["webhook-signature"][3:])
        canonical = base64.b64encode(raw).decode()
        last = canonical[-2]
        trailing = chr(ord(last) + 1) if last not in "zZ9" else "/"
        for encoded in (
            raw.hex(),
            canonical.rstrip("="),
            canonical + "=",
            canonical[:-2] + trailing + "=",
            canonical[:20] + "\n" + canonical[20:],
            base64.b64encode(raw + b"\x00").decode(),
            base64.b64encode(raw[:16]).decode(),
            "",
        ):
            assert refusal(with_signature("v1," + encoded)) == "no-match"
        assert refusal(with_signature("V1," + canonical)) == "no-match"
        assert refusal(with_signature(canonical)) == "no-match"

    def test_refuses_the_url_safe_alphabet(self) -> None:
        for number in range(100):
            headers = signed(body=str(number).encode())
            safe = headers["webhook-signature"].replace("+", "-").replace("/", "_")
            if safe != headers["webhook-signature"]:
                altered = headers | {"webhook-signature": safe}
                assert refusal(altered, body=str(number).encode()) == "no-match"
                return
        pytest.fail("no signature had a character to replace")

    def test_accepts_both_secrets_of_a_rotation_and_one_after_it(self) -> None:
        both = [SECRET, OLD_SECRET]
        for headers in (signed(SECRET), signed(OLD_SECRET), signed(SECRET, OLD_SECRET)):
            verify(headers, BODY, both, now=NOW)
        verify(signed(SECRET, OLD_SECRET), BODY, [SECRET], now=NOW)
        assert refusal(signed(OLD_SECRET), keys=[SECRET]) == "no-match"

    def test_says_the_same_whatever_did_not_match(self) -> None:
        texts = set()
        for headers, body in ((signed(OLD_SECRET), BODY), (signed(), b"x")):
            with pytest.raises(SignatureRefused) as refused:
                verify(headers, body, [SECRET], now=NOW)
            texts.add(str(refused.value))
        assert len(texts) == 1


class TestEd25519:
    def test_accepts_what_was_signed(self) -> None:
        verify(signed(PRIVATE), BODY, [PRIVATE.public], now=NOW)
        assert signed(PRIVATE)["webhook-signature"].startswith("v1a,")

    def test_refuses_a_flipped_bit(self) -> None:
        headers = signed(PRIVATE)
        raw = base64.b64decode(headers["webhook-signature"][4:])
        for position in range(len(raw)):
            altered = bytearray(raw)
            altered[position] ^= 1
            listed = "v1a," + base64.b64encode(altered).decode()
            assert refusal(headers | {"webhook-signature": listed}, keys=[PRIVATE.public])
        assert refusal(headers, body=b"other", keys=[PRIVATE.public]) == "no-match"

    def test_never_takes_a_public_key_as_a_shared_secret(self) -> None:
        raw = base64.b64decode(str(PRIVATE.public).removeprefix("whpk_"))
        forged = sign([SharedSecret(raw)], message_id=ID, sent_at=NOW, body=BODY)
        assert refusal(forged, keys=[PRIVATE.public]) == "no-match"
        as_v1a = forged["webhook-signature"].replace("v1,", "v1a,")
        assert refusal(forged | {"webhook-signature": as_v1a}, keys=[PRIVATE.public]) == "no-match"
        as_v1 = signed(PRIVATE)["webhook-signature"].replace("v1a,", "v1,")
        assert refusal(with_signature(as_v1), keys=[PRIVATE.public, SECRET]) == "no-match"

    def test_works_beside_a_shared_secret(self) -> None:
        for headers in (signed(SECRET), signed(PRIVATE), signed(SECRET, PRIVATE)):
            verify(headers, BODY, [SECRET, PRIVATE.public], now=NOW)


class TestKeys:
    def test_read_back_what_they_write(self) -> None:
        assert PublicKey.parse(str(PRIVATE.public)) == PublicKey.parse(str(PRIVATE.public))
        text = base64.b64encode(SECRET.secret).decode()
        assert SharedSecret.parse("whsec_" + text) == SharedSecret.parse(text) == SECRET

    @pytest.mark.parametrize(
        "text",
        ["", "whsec_", "whsec_AAAA", "whsec_" + "A" * 92, "whsec_é", "whpk_" + "A" * 43 + "="]
        + ["whsec_" + "A" * 43, "whsec_" + "_" * 43 + "=", "whsec_" + "A" * 42 + "B="],
    )
    def test_refuse_malformed_secrets(self, text: str) -> None:
        with pytest.raises(MalformedKey):
            SharedSecret.parse(text)

    @pytest.mark.parametrize("text", ["", "A" * 43 + "=", "whsec_" + "A" * 43 + "=", "whpk_AAAA"])
    def test_refuse_malformed_ed25519_keys(self, text: str) -> None:
        with pytest.raises(MalformedKey):
            PublicKey.parse(text)
        with pytest.raises(MalformedKey):
            PrivateKey.parse(text)

    def test_do_not_show_secrets(self) -> None:
        assert "secret" not in repr(SECRET)
        assert repr(PRIVATE) == "PrivateKey()"


class TestSign:
    def test_refuses_what_no_receiver_would_accept(self) -> None:
        for message_id, keys in (
            ("a.b", [SECRET]),
            ("", [SECRET]),
            ("a", []),
            ("a", [SECRET] * 11),
        ):
            with pytest.raises(ValueError, match=r"webhook-id|keys"):
                sign(keys, message_id=message_id, sent_at=NOW, body=BODY)

    def test_gives_the_written_down_signature(self) -> None:
        secret = SharedSecret.parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
        at = datetime.fromtimestamp(FIXED_TIMESTAMP, UTC)
        headers = sign([secret], message_id=FIXED_ID, sent_at=at, body=FIXED_BODY)
        assert headers["webhook-signature"] == FIXED_SIGNATURE

    @given(st.binary(max_size=200), st.binary(min_size=24, max_size=64))
    def test_agrees_with_hmac_written_out(self, body: bytes, key: bytes) -> None:
        headers = sign([SharedSecret(key)], message_id=ID, sent_at=NOW, body=body)
        text = f"{ID}.{int(NOW.timestamp())}.".encode() + body
        expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"


class TestReferenceImplementation:
    """The `standardwebhooks` package agrees on everything that is well formed."""

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(min_size=24, max_size=64))
    def test_signs_the_same(self, text: str, key: bytes) -> None:
        oracle = standardwebhooks.Webhook(base64.b64encode(key).decode())
        ours = sign([SharedSecret(key)], message_id=ID, sent_at=NOW, body=text.encode())
        assert ours["webhook-signature"] == oracle.sign(msg_id=ID, timestamp=NOW, data=text)

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans(), st.booleans())
    def test_accepts_the_same(self, text: str, is_altered: bool, is_listed_twice: bool) -> None:
        now = datetime.now(UTC)
        key = SharedSecret.parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
        oracle = standardwebhooks.Webhook("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
        headers = sign(
            [key] * (1 + is_listed_twice), message_id=ID, sent_at=now, body=text.encode()
        )
        received = text + "!" if is_altered else text
        try:
            oracle.verify(received, headers, json_parse=False)
            is_accepted = True
        except standardwebhooks.WebhookVerificationError:
            is_accepted = False
        assert is_accepted != is_altered
        if is_accepted:
            verify(headers, received.encode(), [key], now=now)
        else:
            assert refusal(headers, body=received.encode(), keys=[key], now=now) == "no-match"


wire_text = st.text(st.characters(max_codepoint=0xFF), max_size=60)
near_miss = st.one_of(
    st.text(max_size=40),
    wire_text,
    st.from_regex(r"[0-9]{1,12}", fullmatch=True),
    st.from_regex(r"(v1a?,[A-Za-z0-9+/=_-]{0,90} ?){1,12}", fullmatch=True),
)


class TestFuzz:
    @given(
        st.dictionaries(
            st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "x"]),
            near_miss,
        ),
        st.binary(max_size=60),
    )
    def test_raises_nothing_but_its_refusal(self, headers: dict[str, str], body: bytes) -> None:
        for kept in ({}, {"webhook-timestamp": str(int(NOW.timestamp()))}):
            with pytest.raises(SignatureRefused):
                verify(headers | kept, body, [SECRET, PRIVATE.public], now=NOW)

    @given(near_miss)
    def test_raises_nothing_else_for_any_signature(self, listed: str) -> None:
        for text in (listed, f"v1,{listed}", f"v1a,{listed}"):
            with pytest.raises(SignatureRefused):
                verify(with_signature(text), BODY, [SECRET, PRIVATE.public], now=NOW)
