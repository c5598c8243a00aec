"""Disclosures, identity, opt-out: what a message must say, and to whom it need not."""

from typing import Any

import pytest

from services.compliance.rules import content_rules, rulebook
from services.compliance.rules.content.limited_content_message import elements
from services.compliance.rules.message import (
    CallerName,
    LimitedContentElement,
    Message,
    OptOutOffer,
    Voicemail,
)
from services.compliance.rules.pack import RulePack
from shared.kernel.records import replace
from tests.unit.compliance.content.messages import AT, DISCLOSED, INITIAL, judge, letter, verdicts
from tests.unit.compliance.samples import BOOK

WHOLE: tuple[LimitedContentElement, ...] = (
    "business_name",
    "reply_request",
    "contact_name",
    "telephone_number",
)
SPOKEN = "Hi, this is Robin Smith calling from ABC Inc. Please call me at 1-800-555-1212."


def voicemail(*told: LimitedContentElement, mailbox: Any = "consumer", **changes: Any) -> Message:
    return Message(
        **{
            "channel": "voicemail",
            "document": "limited_content_message",
            "voicemail": Voicemail(elements=told, mailbox_of=mailbox),
            "business_name": "ABC Inc",
            "contact_names": ("Robin Smith",),
            "telephone_numbers": ("1-800-555-1212",),
            **changes,
        }
    )


class TestLimitedContentMessage:
    def test_holds_its_four_elements(self) -> None:
        assert judge(voicemail(*WHOLE)).is_limited_content
        assert judge(voicemail(*WHOLE)).verdict == "allow"

    @pytest.mark.parametrize("missing", WHOLE)
    def test_lacks_none_of_them(self, missing: str) -> None:
        message = voicemail(*(each for each in WHOLE if each != missing))
        assert not judge(message).is_limited_content
        assert verdicts(message, "limited-content-message") == ["require"]

    @pytest.mark.parametrize(
        "more", ["salutation", "date_and_time", "suggested_reply_times", "any_representative"]
    )
    def test_may_hold_four_more(self, more: LimitedContentElement) -> None:
        assert judge(voicemail(*WHOLE, more)).is_limited_content

    @pytest.mark.parametrize("more", ["other", "business_name_revealing_collection"])
    def test_holds_nothing_else(self, more: LimitedContentElement) -> None:
        judged = judge(voicemail(*WHOLE, more))
        assert not judged.is_limited_content
        assert judged.is_communication

    @pytest.mark.parametrize("mailbox", ["third_party", "unknown"])
    def test_is_left_for_the_consumer(self, mailbox: str) -> None:
        assert not judge(voicemail(*WHOLE, mailbox=mailbox)).is_limited_content

    def test_is_a_voicemail(self) -> None:
        assert not judge(voicemail(*WHOLE, channel="text")).is_limited_content

    @pytest.mark.parametrize("name", ["a-house", "zz-house"])
    def test_is_one_by_every_pack_that_says_what_one_is(self, name: str) -> None:
        shipped = BOOK.federal("limited-content-message")
        names = {**shipped.names, "revealing": ("abc",)}
        terms = replace(shipped, law="HOUSE", names=names)
        house = RulePack(pack=name, version="1", jurisdiction="US", terms=(terms,))
        book = rulebook.bind([*BOOK.packs, house])
        judged = content_rules.judge(voicemail(*WHOLE), book, AT)
        assert not judged.is_limited_content
        assert judged.is_communication
        assert [each.law for each in judged.findings] == ["HOUSE"]

    def test_has_no_telling_name(self) -> None:
        message = voicemail(*WHOLE, business_name="Acme Debt Recovery")
        assert not judge(message).is_limited_content

    @pytest.mark.parametrize(
        ("text", "is_exact"),
        [
            (SPOKEN, True),
            ("Good morning. This is Robin Smith from ABC Inc. It is 4:15 p.m. on Wednesday. Please"
             " return my call at 1-800-555-1212, any time between 9 and 5. You may speak to any of"
             " our representatives or associates.", True),
            (SPOKEN + " It is about your account.", False),
            (SPOKEN + " It is important.", False),
            (SPOKEN + " Thank you, John.", False),
            ("Hi, this is Robin Smith calling from ABC Inc., a debt collector. Please call me at"
             " 1-800-555-1212.", False),
            ("Hi, this is Robin Smith. Please call me at 1-800-555-1212.", False),
            ("Hi, this is Robin Smith calling from ABC Inc. Please call me.", False),
        ],
    )  # fmt: skip
    def test_is_recognized_by_its_words(self, text: str, is_exact: bool) -> None:
        assert judge(voicemail(text=text)).is_limited_content is is_exact

    def test_is_read_with_whatever_is_not_understood_as_more(self) -> None:
        terms = BOOK.federal("limited-content-message")
        assert "other" in elements(terms, voicemail(text=SPOKEN + " Xyzzy."))


class TestDebtCollectorDisclosure:
    @pytest.mark.parametrize(
        ("text", "changes", "is_enough"),
        [
            (INITIAL, {"is_initial": True}, True),
            (DISCLOSED, {"is_initial": True}, False),
            (DISCLOSED, {"is_initial": None}, False),
            (DISCLOSED, {"is_initial": False, "was_initial_oral": False}, True),
            (INITIAL, {"is_initial": False}, True),
            ("Hello.", {"is_initial": False, "was_initial_oral": False}, False),
            # the first written one after an oral beginning repeats the initial disclosure
            (DISCLOSED, {"is_initial": False, "was_initial_oral": True}, False),
            (DISCLOSED, {"is_initial": False, "was_initial_oral": True,
                         "is_first_in_writing": False}, True),
            (DISCLOSED, {"is_initial": False, "was_initial_oral": None}, False),
            ("Hello.", {"document": "formal_pleading"}, True),
            ("Hello.", {"audience": "third_party"}, True),
            ("Hello.", {"is_about_debt": False}, True),
        ],
    )  # fmt: skip
    def test_is_the_one_that_is_due(
        self, text: str, changes: dict[str, Any], is_enough: bool
    ) -> None:
        found = verdicts(letter("x", text=text, **changes), "debt-collector-disclosure")
        assert (found == []) is is_enough

    def test_speaks_the_language_of_the_rest(self) -> None:
        spanish = "Esta carta es de un cobrador de deudas. Llame, por favor."
        assert verdicts(letter("x", text=spanish, language="es"), "debt-collector-disclosure") == []
        english = f"Llame, por favor. {DISCLOSED}"
        message = letter("x", text=english, language="es")
        assert verdicts(message, "debt-collector-disclosure") == ["require"]

    def test_in_a_language_nobody_reads_is_looked_at(self) -> None:
        message = letter("x", text="Bonjour.", language="fr")
        assert verdicts(message, "debt-collector-disclosure") == ["flag"]

    def test_is_listed_when_found(self) -> None:
        assert judge(letter("x", text=INITIAL)).disclosures == (
            "debt_collector_initial",
            "debt_collector_subsequent",
        )


class TestCallerIdentity:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"caller": CallerName(is_disclosed=False)}, ["deny"]),
            ({"caller": CallerName(is_disclosed=True)}, []),
            ({}, ["require"]),
            ({"business_name": "ABC Inc"}, ["require"]),
            ({"business_name": "XYZ Corp"}, []),
            ({"channel": "letter"}, []),
            ({"audience": "third_party", "contact_names": ("Robin Smith",)}, []),
            ({"audience": "third_party", "business_name": "XYZ Corp"}, ["require"]),
        ],
    )
    def test_is_disclosed_on_calls(self, changes: dict[str, Any], expected: list[str]) -> None:
        said = {"channel": "call", "text": "This is Robin Smith of XYZ Corp.", **changes}
        assert verdicts(Message(**said), "caller-identity") == expected


class TestAssumedName:
    @pytest.mark.parametrize(
        ("consistent", "traceable", "expected"),
        [(True, True, []), (False, True, ["deny"]), (True, False, ["deny"]),
         (None, True, ["require"]), (True, None, ["require"])],
    )  # fmt: skip
    def test_is_used_consistently_and_leads_to_someone(
        self, consistent: bool | None, traceable: bool | None, expected: list[str]
    ) -> None:
        caller = CallerName(
            is_disclosed=True,
            is_assumed=True,
            is_used_consistently=consistent,
            is_traceable=traceable,
        )
        assert verdicts(Message(channel="call", caller=caller), "assumed-name") == expected


class TestPrerecordedIdentification:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("This is ABC Inc. Call 1-800-555-1212.", 0),
            ("Hello there! This is ABC Inc. Call 1-800-555-1212.", 1),
            ("This is ABC Inc. Call us.", 1),
            ("Please call us.", 2),
        ],
    )
    def test_comes_first(self, text: str, count: int) -> None:
        message = voicemail(text=text, is_prerecorded=True, document="message")
        assert verdicts(message, "prerecorded-identification") == ["require"] * count


class TestOptOutStatement:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Pay online. Reply STOP to stop texts to this number.", []),
            ("Pay online. Click here to unsubscribe.", []),
            ("Pay online. To opt out, reply with the word stop.", []),
            ("Pay online.", ["require"]),
            ("Our unstoppable team.", ["require"]),
            ("Reply STOP with your account number to opt out.", ["deny"]),
            ("To opt out, pay a fee of $5.", ["deny"]),
        ],
    )
    @pytest.mark.parametrize("channel", ["text", "email"])
    def test_is_in_every_message(self, channel: Any, text: str, expected: list[str]) -> None:
        message = letter("x", channel=channel, text=f"{text} {DISCLOSED}")
        assert verdicts(message, "opt-out-statement") == expected

    def test_is_not_asked_of_paper(self) -> None:
        assert verdicts(letter("Pay online."), "opt-out-statement") == []

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"is_conspicuous": False}, ["require"]),
            ({"is_free": False}, ["deny"]),
            ({"asks_for": ("email_address",)}, []),
            ({"asks_for": ("reason",)}, ["deny"]),
            ({"statement": "Write a letter to our office in Guam"}, ["require"]),
            ({"statement": ""}, ["require"]),
        ],
    )
    def test_may_be_added_on_sending(self, changes: dict[str, Any], expected: list[str]) -> None:
        offer = OptOutOffer(**{"statement": "Reply STOP to end texts", **changes})
        assert verdicts(Message(channel="text", opt_out=offer), "opt-out-statement") == expected
