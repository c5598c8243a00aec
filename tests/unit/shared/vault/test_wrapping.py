import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vault import wrapping
from shared.vault.entropy import system_entropy
from shared.vault.keys import KeyCorrupt

MASTER, OLD, KEY = bytes(range(32)), bytes(32), bytes(reversed(range(32)))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


class TestLengthPrefixed:
    @given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
    def test_writes_different_places_differently(self, one: list[str], other: list[str]) -> None:
        written = wrapping.length_prefixed(*one), wrapping.length_prefixed(*other)
        assert (written[0] == written[1]) == (one == other)


class TestWrap:
    def test_opens_again_at_the_same_place(self) -> None:
        wrapped = wrapping.wrap(MASTER, KEY, system_entropy, "tenant", "agy_1")
        assert wrapping.unwrap([MASTER], wrapped, "tenant", "agy_1") == KEY
        assert KEY not in wrapped

    def test_opens_after_the_master_key_was_rotated(self) -> None:
        wrapped = wrapping.wrap(OLD, KEY, system_entropy, "tenant", "agy_1")
        assert wrapping.unwrap([MASTER, OLD], wrapped, "tenant", "agy_1") == KEY

    def test_never_writes_the_same_twice(self) -> None:
        written = {wrapping.wrap(MASTER, KEY, system_entropy, "tenant", "agy_1") for _ in range(99)}
        assert len(written) == 99

    def test_does_not_open_elsewhere_or_with_other_keys(self) -> None:
        wrapped = wrapping.wrap(MASTER, KEY, system_entropy, "tenant", "agy_1")
        for keys, place in (
            ([MASTER], ("tenant", "agy_2")),
            ([MASTER], ("subject", "agy_1")),
            ([OLD], ("tenant", "agy_1")),
            ([], ("tenant", "agy_1")),
        ):
            with pytest.raises(KeyCorrupt):
                wrapping.unwrap(keys, wrapped, *place)

    def test_does_not_open_once_any_byte_was_changed(self) -> None:
        wrapped = wrapping.wrap(MASTER, KEY, system_entropy, "tenant", "agy_1")
        for position in range(len(wrapped)):
            altered = bytearray(wrapped)
            altered[position] ^= 1
            with pytest.raises(KeyCorrupt):
                wrapping.unwrap([MASTER], bytes(altered), "tenant", "agy_1")

    @given(st.binary(max_size=80))
    def test_raises_nothing_else_for_any_bytes(self, wrapped: bytes) -> None:
        with pytest.raises(KeyCorrupt):
            wrapping.unwrap([MASTER], wrapped, "tenant", "agy_1")
