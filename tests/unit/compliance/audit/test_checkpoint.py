import base64
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.audit import checkpoint as checkpoints
from services.compliance.audit.checkpoint import Checkpoint, CheckpointRefused
from services.compliance.audit.merkle import EMPTY, leaf_hash
from shared.kernel.records import replace

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key()
POINT = Checkpoint(
    tenant="agy_1",
    size=2,
    root=EMPTY.extend([leaf_hash(b"a"), leaf_hash(b"b")]).root,
    at=datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
)
NOTE = checkpoints.sign(POINT, KEY)


def refusal(note: str, tenant: str = "agy_1", *keys: Any) -> str:
    with pytest.raises(CheckpointRefused) as refused:
        checkpoints.verify(note, tenant, keys or [PUBLIC])
    return refused.value.code


class TestSign:
    def test_writes_a_signed_note(self) -> None:
        lines = NOTE.split("\n")
        assert lines[0] == "forbear/agy_1"
        assert lines[1] == "2"
        assert base64.b64decode(lines[2]) == POINT.root
        assert lines[3] == "timestamp 2026-03-02T15:00:00.000000Z"
        assert lines[4] == ""
        dash, name, signature = lines[5].split(" ")
        assert (dash, name, lines[6:]) == ("\u2014", "forbear/agy_1", [""])
        raw = base64.b64decode(signature)
        hint = sha256(b"forbear/agy_1\n\x01" + PUBLIC.public_bytes_raw()).digest()[:4]
        assert raw[:4] == hint
        PUBLIC.verify(raw[4:], ("\n".join(lines[:4]) + "\n").encode())

    def test_writes_the_key_as_other_tools_take_it(self) -> None:
        name, hint, encoded = checkpoints.written_key("agy_1", PUBLIC).split("+", 2)
        assert name == "forbear/agy_1"
        assert bytes.fromhex(hint) == checkpoints.key_hash(name, PUBLIC)
        assert base64.b64decode(encoded) == b"\x01" + PUBLIC.public_bytes_raw()

    @pytest.mark.parametrize(
        "change",
        [{"tenant": ""}, {"tenant": "a\nb"}, {"tenant": "a+b"}, {"size": -1}, {"root": b"x"}],
    )
    def test_refuses_what_could_not_be_read_back(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="checkpoint"):
            checkpoints.sign(replace(POINT, **change), KEY)


class TestVerify:
    def test_reads_back_what_was_signed(self) -> None:
        assert checkpoints.verify(NOTE, "agy_1", [PUBLIC]) == POINT

    def test_reads_back_an_empty_log(self) -> None:
        empty = replace(POINT, size=0, root=EMPTY.root)
        note = checkpoints.sign(empty, KEY)
        assert checkpoints.verify(note, "agy_1", [PUBLIC]) == empty

    @given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.datetimes())
    def test_reads_back_anything_that_can_be_signed(
        self, size: int, root: bytes, at: datetime
    ) -> None:
        point = Checkpoint(tenant="agy_1", size=size, root=root, at=at.replace(tzinfo=UTC))
        assert checkpoints.verify(checkpoints.sign(point, KEY), "agy_1", [PUBLIC]) == point

    def test_accepts_an_older_key_and_other_people_s_lines(self) -> None:
        witnessed = (
            NOTE + "\u2014 witness.example/w1 " + base64.b64encode(bytes(76)).decode() + "\n"
        )
        keys = [OTHER_KEY.public_key(), PUBLIC]
        assert checkpoints.verify(witnessed, "agy_1", keys) == POINT

    def test_refuses_another_tenant_s_log(self) -> None:
        assert refusal(NOTE, "agy_2") == "other-log"

    def test_refuses_a_key_it_does_not_know(self) -> None:
        assert refusal(NOTE, "agy_1", OTHER_KEY.public_key()) == "unsigned"

    def test_refuses_a_signature_for_another_checkpoint(self) -> None:
        other = checkpoints.sign(replace(POINT, size=3), KEY)
        mixed = NOTE.split("\n\n")[0] + "\n\n" + other.split("\n\n")[1]
        assert refusal(mixed) == "wrong-signature"

    def test_refuses_one_wrong_signature_beside_a_right_one(self) -> None:
        other = checkpoints.sign(replace(POINT, size=3), KEY)
        assert refusal(NOTE + other.split("\n\n")[1]) == "wrong-signature"

    def test_refuses_any_changed_character(self) -> None:
        for position, character in enumerate(NOTE):
            for other in ("A", "1", "\n", " "):
                if other != character:
                    assert refusal(NOTE[:position] + other + NOTE[position + 1 :])
            assert refusal(NOTE[:position] + NOTE[position + 1 :])
            assert refusal(NOTE[:position] + character + NOTE[position:])
            assert refusal(NOTE[:position])

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("\n2\n", "\n02\n"),
            ("\n2\n", "\n+2\n"),
            ("\n2\n", "\n٢\n"),
            ("\n2\n", "\n-2\n"),
            ("timestamp 2026-03-02T15", "timestamp 2026-13-02T15"),
            ("timestamp", "stamp"),
            ("\n\n", "\nextra\n\n"),
            ("\n\n", "\n\n\n"),
            ("\n", "\r\n"),
            ("\u2014", "-"),
        ],
    )
    def test_refuses_other_forms(self, old: str, new: str) -> None:
        assert refusal(NOTE.replace(old, new)) == "malformed"

    def test_refuses_a_note_without_end(self) -> None:
        assert refusal(NOTE + NOTE.split("\n\n")[1] * 100) == "malformed"
        assert refusal(NOTE.split("\n\n")[0]) == "malformed"
        assert refusal(NOTE + "\n") == "malformed"

    @given(st.text(max_size=200))
    def test_raises_nothing_else_for_any_text(self, text: str) -> None:
        refusal(text)
        body, signatures = NOTE.split("\n\n")
        refusal(f"{body}\n\n{text}")
        refusal(f"{text}\n\n{signatures}")
