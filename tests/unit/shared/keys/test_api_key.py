import hashlib
from collections import Counter
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http import api_key
from shared.http.api_key import ApiKeyRefused

KEY = api_key.mint("test", lambda length: bytes(range(length)))


def refusal(text: str) -> str:
    with pytest.raises(ApiKeyRefused) as refused:
        api_key.parse(text)
    assert len(text) < 12 or text not in str(refused.value)
    return refused.value.code


class TestMint:
    @pytest.mark.parametrize("mode", ["test", "live"])
    def test_makes_a_key_that_parses(self, mode: api_key.Mode) -> None:
        key = api_key.mint(mode)
        assert key.text.startswith(f"sk_{mode}_")
        assert len(key.text) == len("sk_test_") + 32 + 6
        assert api_key.parse(key.text) == key

    def test_makes_a_new_key_each_time(self) -> None:
        assert len({api_key.mint("test").text for _ in range(1_000)}) == 1_000

    def test_uses_the_whole_alphabet_evenly(self) -> None:
        numbers = count()

        def entropy(length: int) -> bytes:
            return hashlib.sha512(str(next(numbers)).encode()).digest()[:length]

        keys = [api_key.mint("test", entropy) for _ in range(2_000)]
        counts = Counter(letter for key in keys for letter in key.text[8:40])
        assert set(counts) == set(api_key.ALPHABET)
        assert max(counts.values()) < 1.35 * min(counts.values())


class TestParse:
    @pytest.mark.parametrize(
        "text",
        ["", "sk_test_", KEY.text + "\n", " " + KEY.text, KEY.text[:-1], KEY.text + "0"]
        + [KEY.text.replace("sk_test_", "pk_test_"), KEY.text.replace("test", "prod")]
        + [KEY.text[:-1] + "é", "\ud800" * 46, "sk_test_" + "٣" * 38, KEY.text.replace("_", "-")],
    )
    def test_refuses_what_is_malformed(self, text: str) -> None:
        assert refusal(text) == "malformed-key"

    def test_refuses_every_single_mistyped_character(self) -> None:
        for position in range(len("sk_test_"), len(KEY.text)):
            for letter in api_key.ALPHABET:
                if letter != KEY.text[position]:
                    mistyped = KEY.text[:position] + letter + KEY.text[position + 1 :]
                    assert refusal(mistyped) == "wrong-checksum"

    def test_refuses_two_neighbors_swapped(self) -> None:
        for at in range(len("sk_test_"), len(KEY.text) - 1):
            first, second = KEY.text[at], KEY.text[at + 1]
            if first != second:
                assert refusal(KEY.text[:at] + second + first + KEY.text[at + 2 :])

    def test_refuses_another_case_and_the_other_mode(self) -> None:
        assert refusal(KEY.text[:8] + KEY.text[8:].swapcase()) == "wrong-checksum"
        assert refusal(KEY.text.replace("test", "live")) == "wrong-checksum"

    @given(st.text(max_size=60))
    def test_raises_nothing_else_for_any_text(self, text: str) -> None:
        refusal(text)


class TestApiKey:
    def test_is_stored_as_its_sha256(self) -> None:
        assert KEY.digest == hashlib.sha256(KEY.text.encode()).hexdigest()
        assert KEY.digest == api_key.digest(KEY.text)

    def test_does_not_show_itself(self) -> None:
        assert KEY.text not in repr(KEY)
        assert KEY.text[12:] not in KEY.hint
        assert KEY.text.startswith(KEY.hint)
