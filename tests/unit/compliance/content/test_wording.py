import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.rules import wording
from services.compliance.rules.message import Message
from tests.unit.compliance.samples import BOOK


def split(text: str) -> list[str]:
    message = Message(channel="letter", text=text)
    return [
        text[each.passage.start : each.passage.end] for each in wording.sentences(message)
    ]  # fmt: skip


class TestSentences:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("One. Two! Three?", ["One.", "Two!", "Three?"]),
            ("Call Mr. Smith at ABC Inc. for help. Thank you.",
             ["Call Mr. Smith at ABC Inc. for help.", "Thank you."]),
            ("You owe $1,250.50 today. Pay.", ["You owe $1,250.50 today.", "Pay."]),
            ("Between 8 a.m. and 9 p.m. we answer.", ["Between 8 a.m. and 9 p.m. we answer."]),
            ('He said "Stop." Then we stopped.', ['He said "Stop."', "Then we stopped."]),
            ("A heading\n\nA wrapped\nline", ["A heading", "A wrapped\nline"]),
            ("Either:\n- one\n- two", ["Either:", "- one", "- two"]),
            ("  \n ", []),
        ],
    )  # fmt: skip
    def test_are_split(self, text: str, expected: list[str]) -> None:
        assert split(text) == expected

    @given(st.text(max_size=200))
    def test_cover_every_visible_character(self, text: str) -> None:
        found = wording.sentences(Message(channel="letter", text=text))
        covered = {n for each in found for n in range(each.passage.start, each.passage.end)}
        assert all(n in covered for n, letter in enumerate(text) if not letter.isspace())

    @given(st.text(max_size=200))
    def test_lead_back_to_where_they_stand(self, text: str) -> None:
        for each in wording.sentences(Message(channel="letter", text=text)):
            assert len(each.offsets) == len(each.folded) + 1
            assert list(each.offsets) == sorted(each.offsets)
            assert each.offsets[-1] == each.passage.end


class TestPhrases:
    @pytest.mark.parametrize(
        ("phrase", "text", "is_there"),
        [
            ("sue", "We will sue you.", True),
            ("sue", "We take this issue up with Suezanne.", False),
            ("garnish*", "Your wages were garnished.", True),
            ("final|last notice", "LAST   NOTICE!", True),
            ("final notice", "This is final. Notice that.", True),
            ("within # days", "within ten days", True),
            ("within # days", "within 10 days", True),
            ("within # days", "within some days", False),
            ("within # business? days", "within 3 business days", True),
            ("pay ... now", "Pay the whole amount of this debt now.", True),
            ("pay ... now", "Pay when and how and where and if you ever may want to now.", False),
            ("can't dispute", "You can’t dispute this.", True),
            ("opt-out", "To opt out, write.", True),
            ("arrest", "You face ar\u200brest.", True),
            ("arrest", "You face \uff41rrest.", True),
            ("informacion", "Toda información es útil.", True),
            ("date_of", "the date of it", True),
        ],
    )
    def test_match_whole_words(self, phrase: str, text: str, is_there: bool) -> None:
        assert wording.has([phrase], text) is is_there

    @pytest.mark.parametrize("phrase", ["", "...", "? a", "a? b", "a !! b"])
    def test_that_cannot_be_looked_for_are_refused(self, phrase: str) -> None:
        with pytest.raises(ValueError, match="phrase"):
            wording.check_phrase(phrase)

    def test_are_excused_only_where_the_harmless_one_stands(self) -> None:
        message = Message(channel="letter", text="We will not sue. We will sue. Not now.")
        (found,) = wording.said(message, ["sue"], ["not sue"])
        assert message.text[found.passage.start : found.passage.end] == "We will sue."

    @given(st.text(alphabet="ab sue.'-\n", max_size=80))
    def test_are_found_whatever_stands_around(self, around: str) -> None:
        message = Message(channel="letter", text=f"{around} we will sue you {around}")
        assert list(wording.said(message, ["will sue"]))

    def test_of_the_packs_can_all_be_looked_for(self) -> None:
        from services.compliance.rules import content_rules

        looked_for = 0
        for each in BOOK.packs:
            for terms in each.terms:
                known = content_rules.KNOWN.get(terms.rule)
                for name in known.phrases if known else ():
                    for phrase in terms.names.get(name, ()):
                        wording.check_phrase(phrase)
                        looked_for += 1
        assert looked_for > 300
