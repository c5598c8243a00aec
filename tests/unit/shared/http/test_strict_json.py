"""The strict reader agrees with the standard one on what is good, and refuses the rest politely."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.http import strict_json
from shared.http.problem import Problem
from shared.http.strict_json import Limits

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=30
)
integers = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


class TestRead:
    @given(values, st.booleans(), st.sampled_from([None, 2]))
    def test_agrees_with_the_standard_reader(
        self, value: object, is_ascii: bool, indent: int | None
    ) -> None:
        raw = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
        assert strict_json.read(raw) == json.loads(raw)

    @given(values, st.integers(min_value=0, max_value=4))
    def test_counts_depth_exactly(self, value: object, limit: int) -> None:
        raw = json.dumps(value).encode()
        if depth_of(value) <= limit:
            strict_json.read(raw, Limits(depth_max=limit))
        else:
            with pytest.raises(Problem) as refused:
                strict_json.read(raw, Limits(depth_max=limit))
            assert refused.value.code == "too-deep"

    @given(st.binary(max_size=60))
    @settings(max_examples=300)
    def test_answers_any_bytes_with_a_value_or_a_problem(self, raw: bytes) -> None:
        with contextlib.suppress(Problem):
            strict_json.read(raw)

    @given(st.text(alphabet='{}[]",:\\u0d8b19e.-tn \x00\x85\ud800', max_size=40))
    @settings(max_examples=500)
    def test_answers_near_json_with_a_value_or_a_problem(self, text: str) -> None:
        with contextlib.suppress(Problem):
            strict_json.read(text.encode("utf-8", "surrogatepass"))

    def test_takes_what_looks_doubtful_but_is_not(self) -> None:
        raw = b'{"a":"\\ud83d\\ude00 \\\\u0000 \\u0009","digits":"12345678901234567890123"}'
        assert strict_json.read(raw) == {
            "a": "\U0001f600 \\u0000 \t",
            "digits": "12345678901234567890123",
        }

    def test_counts_no_brackets_and_commas_inside_text(self) -> None:
        raw = json.dumps({"a": "[{," * 1000}).encode()
        assert strict_json.read(raw, Limits(items_max=10)) == {"a": "[{," * 1000}

    def test_names_at_most_fifty_places(self) -> None:
        with pytest.raises(Problem) as refused:
            strict_json.read(json.dumps([1.5] * 80).encode())
        assert len(refused.value.errors) == 51  # one more than is shown: truncation is told

    def test_is_canonical_whatever_the_order_and_the_spaces(self) -> None:
        one = strict_json.read(b'{"b":1,"a":[true,null]}')
        other = strict_json.read(b'{ "a" : [true, null], "b" : 1 }')
        assert strict_json.canonical(one) == strict_json.canonical(other)
        assert strict_json.canonical(one) == b'{"a":[true,null],"b":1}'
