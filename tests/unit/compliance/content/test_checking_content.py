"""A check is recorded without the words, and permits for what it found unlawful are refused."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.command.rules_application import TENANT, Api
from services.compliance.content import bodies
from services.compliance.content.domain import (
    CONTENTS,
    FINDINGS_KEPT_MAX,
    MESSAGES_KEPT_MAX,
    CheckContent,
    ContentChecked,
    ContentState,
    unfit_by,
)
from services.compliance.rules import content_rules, rulebook
from services.compliance.rules import message as said
from services.compliance.rules.check.driver import CallRefused
from services.compliance.rules.findings import worst
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import MalformedPack
from services.compliance.rules.request import Circumstances
from shared.eventstore import codec
from shared.kernel.records import replace
from shared.testing.spec import Spec
from shared.vault.content import content_digest
from tests.unit.compliance.content.messages import AT, DISCLOSED, judge, letter
from tests.unit.compliance.samples import BOOK, NOON, TZ_VERSION, World, ask, email

SPEC = Spec(CONTENTS)
THREAT = "You will be arrested."


def check(text: str = THREAT, check_id: str = "dec_1", **changes: Any) -> CheckContent:
    return CheckContent(
        check_id=check_id,
        content_digest="d" * 64,
        message=letter(text, **changes),
        book=BOOK,
        now=NOON,
    )


class TestCheckContent:
    def test_records_what_the_rules_found(self) -> None:
        (checked,) = SPEC.when(check()).events()
        assert isinstance(checked, ContentChecked)
        assert checked.verdict == "deny"
        assert checked.rule_pack == BOOK.label
        assert {each.rule for each in checked.findings} == {"forbidden-wording"}

    def test_keeps_none_of_the_words(self) -> None:
        (checked,) = SPEC.when(check("You will be arrested, Xanthippe.")).events()
        assert b"Xanthippe" not in codec.encode(checked)
        assert b"Xanthippe" not in codec.encode(CONTENTS.fold([checked]))

    def test_lets_the_latest_check_count(self) -> None:
        first = SPEC.when(check()).events()
        assert CONTENTS.fold(first).unfit_by == ("forbidden-wording",)
        second = SPEC.given(*first).when(check("Write to us.", "dec_2")).events()
        assert CONTENTS.fold((*first, *second)).unfit_by == ()

    def test_of_another_channel_takes_nothing_back(self) -> None:
        as_text = SPEC.when(check("Write to us.", channel="text")).events()
        as_letter = SPEC.given(*as_text).when(check("Write to us.", "dec_2")).events()
        assert as_letter[0].verdict == "allow"
        state = CONTENTS.fold((*as_text, *as_letter))
        assert unfit_by(state, "text") == ("opt-out-statement",)
        assert unfit_by(state, "letter") == ()
        mended = check("Write to us. Reply STOP to stop texts.", "dec_3", channel="text")
        again = SPEC.given(*as_text, *as_letter).when(mended).events()
        assert unfit_by(CONTENTS.fold(again, state), "text") == ()

    def test_of_another_document_takes_nothing_back(self) -> None:
        as_message = SPEC.when(check()).events()
        other = check("Write to us.", "dec_2", document="dispute_answer")
        as_answer = SPEC.given(*as_message).when(other).events()
        assert as_answer[0].verdict == "allow"
        assert unfit_by(CONTENTS.fold((*as_message, *as_answer)), "letter") == (
            "forbidden-wording",
        )

    def test_counts_for_every_channel_until_checked_for_it(self) -> None:
        as_letter = SPEC.when(check()).events()
        state = CONTENTS.fold(as_letter)
        assert unfit_by(state, "portal") == ("forbidden-wording",)
        in_portal = SPEC.given(*as_letter).when(check("Hello.", "dec_2", channel="portal")).events()
        assert unfit_by(CONTENTS.fold(in_portal, state), "portal") == ()

    def test_of_the_same_words_as_something_else_takes_nothing_back(self) -> None:
        said_one = check("Write to us.", is_initial=True)
        said_other = check("Write to us.", "dec_2", is_initial=False)
        first = SPEC.when(replace(said_one, message_digest="a")).events()
        second = SPEC.given(*first).when(replace(said_other, message_digest="b")).events()
        assert second[0].verdict == "allow"
        state = CONTENTS.fold((*first, *second))
        assert unfit_by(state, "letter") == ("debt-collector-disclosure",)

    def test_of_the_same_message_takes_back_what_the_rules_find_no_more(self) -> None:
        (unfit,) = SPEC.when(replace(check(), message_digest="a")).events()
        fit = replace(unfit, check_id="dec_2", findings=(), verdict="allow")
        assert unfit_by(CONTENTS.fold((unfit, fit)), "letter") == ()
        other = replace(fit, message_digest="b")
        assert unfit_by(CONTENTS.fold((unfit, other)), "letter") == ("forbidden-wording",)

    def test_takes_back_what_was_found_before_messages_were_told_apart(self) -> None:
        (unfit,) = SPEC.when(check()).events()
        fit = replace(unfit, check_id="dec_2", findings=(), verdict="allow", message_digest="a")
        assert unfit_by(CONTENTS.fold((unfit, fit)), "letter") == ()
        as_nobodys = replace(fit, is_from_collector=False)
        assert unfit_by(CONTENTS.fold((unfit, as_nobodys)), "letter") == ("forbidden-wording",)

    def test_keeps_what_was_found_of_more_messages_than_it_can_tell_apart(self) -> None:
        (unfit,) = SPEC.when(check()).events()
        (fit,) = SPEC.given(unfit).when(check("Hello.", "dec_2")).events()
        many = [replace(fit, message_digest=f"{each}") for each in range(MESSAGES_KEPT_MAX)]
        last = replace(unfit, message_digest="last")
        state = CONTENTS.fold((*many, last, replace(fit, message_digest="last")))
        assert unfit_by(state, "letter") == ("forbidden-wording",)
        assert len(state.by_message) == MESSAGES_KEPT_MAX

    def test_of_a_channel_that_no_permit_names_counts_for_all(self) -> None:
        on_a_platform = SPEC.when(check(channel="other_electronic")).events()
        as_letter = SPEC.given(*on_a_platform).when(check("Hello.", "dec_2")).events()
        state = CONTENTS.fold((*on_a_platform, *as_letter))
        assert "forbidden-wording" in unfit_by(state, "letter")

    @pytest.mark.parametrize("sender", [said.Sender(is_excluded=True), said.Sender()])
    def test_as_no_collectors_adds_and_takes_nothing_back(self, sender: said.Sender) -> None:
        first = SPEC.when(check("Write to us.", channel="text")).events()
        excluded = check("Write to us.", "dec_2", channel="letter", sender=sender)
        second = SPEC.given(*first).when(excluded).events()
        assert second[0].verdict == "allow"
        as_text = check(
            f"{THREAT} Reply STOP to stop texts.", "dec_3", channel="text", sender=sender
        )
        third = SPEC.given(*first, *second).when(as_text).events()
        state = CONTENTS.fold((*first, *second, *third))
        assert set(unfit_by(state, "text")) >= {"opt-out-statement", "forbidden-wording"}
        assert unfit_by(state, "letter") == unfit_by(state, "text")

    def test_of_before_is_read_as_saying_nothing_of_its_sender(self) -> None:
        (unfit,) = SPEC.when(check()).events()
        (fit,) = SPEC.given(unfit).when(check("Write to us.", "dec_2")).events()
        stored = msgspec.json.decode(codec.encode(fit))
        del stored["is_from_collector"]
        of_before = codec.decode(ContentChecked, msgspec.json.encode(stored))
        assert unfit_by(CONTENTS.fold((unfit, of_before)), "letter") == ("forbidden-wording",)

    def test_kept_as_before_counts_for_every_channel(self) -> None:
        kept = codec.decode(ContentState, b'{"check_id":"dec_1","unfit_by":["remedy-threat"]}')
        assert unfit_by(kept, "email") == ("remedy-threat",)

    def test_finds_what_is_missing_unfit_and_a_doubt_not(self) -> None:
        lacking = SPEC.when(check("Write to us.", is_initial=True)).events()
        assert CONTENTS.fold(lacking).unfit_by == ("debt-collector-disclosure",)
        doubtful = SPEC.when(check("This is an official notice.")).events()
        assert doubtful[0].verdict == "flag"
        assert CONTENTS.fold(doubtful).unfit_by == ()

    def test_keeps_a_bounded_number_of_findings_the_gravest_first(self) -> None:
        text = "This is an official notice. " * (FINDINGS_KEPT_MAX + 20) + THREAT
        (checked,) = SPEC.when(check(text)).events()
        assert len(checked.findings) == FINDINGS_KEPT_MAX
        assert checked.findings_left_out == 21
        assert checked.findings[0].verdict == "deny"

    def test_of_the_same_id_adds_nothing(self) -> None:
        SPEC.given(*SPEC.when(check()).events()).when(check()).then_nothing()

    def test_stands_guard(self) -> None:
        assert CONTENTS.is_guard


class TestJudging:
    def test_asks_every_rule_of_the_book_or_none(self) -> None:
        without = rulebook.bind([each for each in BOOK.packs if "content" not in each.pack])
        with pytest.raises(MalformedPack, match="no federal terms"):
            content_rules.judge(letter("x"), without, AT)

    def test_goes_by_the_words_of_a_state_there_alone(self) -> None:
        pack = read_pack(
            """
            {pack: toy, version: "1", jurisdiction: XX, rules: [{rule: forbidden-wording,
             law: XX-1, citation: XX Code 1, effective_from: 2026-01-01, verified: false,
             parameters: {subject: [credit], denied: [abracadabra]}}]}
            """,
            "toy",
        )
        book = rulebook.bind([*BOOK.packs, pack])
        message = letter("Abracadabra.")
        assert content_rules.judge(message, book, AT).verdict == "allow"
        there = content_rules.judge(letter("Abracadabra.", states=("XX",)), book, AT)
        assert [(each.law, each.is_verified) for each in there.findings] == [("XX-1", False)]

    @given(st.lists(st.sampled_from([THREAT, "Write to us.", "Pay now.", "SHIT!"]), max_size=5))
    def test_never_gets_better_by_saying_more(self, sentences: list[str]) -> None:
        ranks = ["allow", "flag", "require", "deny"].index
        verdicts = [
            judge(letter(" ".join(sentences[:number]) or "Hello.")).verdict
            for number in range(len(sentences) + 1)
        ]
        assert [ranks(each) for each in verdicts] == sorted(ranks(each) for each in verdicts)

    def test_takes_the_gravest(self) -> None:
        found = judge(letter(f"{THREAT} This is an official notice.")).findings
        assert worst(found) == "deny"
        assert worst(()) == "allow"


class TestContentUnfit:
    def test_vetoes_a_permit(self) -> None:
        world = World()
        circumstances = Circumstances(content_unfit_by=("forbidden-wording",))
        refused = world.do(ask(email(), circumstances=circumstances))
        (objection,) = refused[0].objections  # type: ignore[union-attr]
        assert objection.rule == "content-unfit"
        assert objection.verdict == "deny"
        assert objection.earliest is None
        assert objection.facts["rules"] == "forbidden-wording"

    def test_leaves_unchecked_content_alone(self) -> None:
        assert World().verdict(email()) == "permit"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    started = Api(BOOK, TZ_VERSION)
    yield started
    started.close()


def asked(api: Api, digest: str, channel: str = "email") -> list[str]:
    contact = {
        "consumer_id": api.ids.new("cns"),
        "account_ids": [api.ids.new("acct")],
        "channel": channel,
        "contact_point_id": api.ids.new("cp"),
        "purpose": "payment_demand",
        "content_digest": digest,
    }
    answer = api.call(NOON, "POST", "/permits", contact)
    return [each["rule"] for each in answer["objections"]]


class TestOverHttp:
    BODY: dict[str, Any] = {
        "channel": "email",
        "subject": "About you",
        "text": f"Reply STOP to stop e-mails. {THREAT} {DISCLOSED}",
        "is_initial": False,
        "was_initial_oral": False,
    }

    def test_names_the_sentence(self, api: Api) -> None:
        answer = api.call(NOON, "POST", "/content-checks", self.BODY)
        assert answer["verdict"] == "deny"
        (finding,) = answer["findings"]
        assert finding["sentence"]["words"] == THREAT
        start, end = finding["sentence"]["start"], finding["sentence"]["end"]
        assert self.BODY["text"][start:end] == THREAT

    def test_names_the_content_as_senders_do(self, api: Api) -> None:
        answer = api.call(NOON, "POST", "/content-checks", self.BODY)
        sealer = api.foundation.sealer
        digest = asyncio.run(
            content_digest(sealer, TENANT, self.BODY["subject"], self.BODY["text"])
        )
        assert answer["content_digest"] == digest

    def test_stops_permits_for_it_until_checked_again(self, api: Api) -> None:
        body = {**self.BODY, "text": f"{THREAT} {DISCLOSED}"}
        digest = api.call(NOON, "POST", "/content-checks", body)["content_digest"]
        assert "content-unfit" in asked(api, digest)
        assert "content-unfit" not in asked(api, "0" * 64)

    @pytest.mark.parametrize(
        ("words", "other"),
        [
            (DISCLOSED, {"channel": "letter"}),
            ("Reply STOP to stop texts.", {"sender": {"is_excluded": True}}),
            ("Reply STOP to stop texts.", {"document": "privacy_notice", "is_about_debt": False}),
            ("Reply STOP to stop texts.", {"is_about_debt": False}),
        ],
        ids=["channel", "sender", "document", "what is said of it"],
    )
    def test_stops_permits_whatever_else_the_words_are_checked_as(
        self, api: Api, words: str, other: dict[str, Any]
    ) -> None:
        body = {
            "channel": "text",
            "text": f"Write to us, {api.ids.new('req')}. {words}",
            "is_initial": False,
            "was_initial_oral": False,
        }
        unfit = api.call(NOON, "POST", "/content-checks", body)
        assert "content-unfit" in asked(api, unfit["content_digest"], "text")
        again = api.call(NOON, "POST", "/content-checks", {**body, **other})
        assert (again["content_digest"], again["verdict"]) == (unfit["content_digest"], "allow")
        assert "content-unfit" in asked(api, unfit["content_digest"], "text")

    def test_lets_permits_go_by_their_own_channel(self, api: Api) -> None:
        words = {
            "text": f"Write to us, {api.ids.new('req')}. {DISCLOSED}",
            "is_initial": False,
            "was_initial_oral": False,
        }
        digest = ""
        for channel in ("text", "letter"):
            body = {**words, "channel": channel}
            digest = api.call(NOON, "POST", "/content-checks", body)["content_digest"]
        assert "content-unfit" in asked(api, digest, "text")
        assert "content-unfit" not in asked(api, digest, "letter")

    def test_opens_social_platforms_to_what_was_checked_for_them(self, api: Api) -> None:
        words = {
            "text": f"Write to us, {api.ids.new('req')}. {DISCLOSED} Reply STOP to opt out.",
            "is_initial": False,
            "was_initial_oral": False,
        }
        private = {"act": "private_message", "discloses_identity": True}
        steps: list[tuple[dict[str, Any], set[str]]] = [
            ({"channel": "text"}, {"social-unchecked"}),
            ({"channel": "social", "social": private, "sender": {"is_excluded": True}},
             {"social-unchecked"}),
            ({"channel": "social", "social": private}, set()),
            ({"channel": "social"}, {"content-unfit"}),
        ]  # fmt: skip
        for told, expected in steps:
            checked = api.call(NOON, "POST", "/content-checks", {**words, **told})
            objecting = set(asked(api, checked["content_digest"], "social"))
            assert objecting & {"social-unchecked", "content-unfit"} == expected, told

    @pytest.mark.parametrize(
        "body",
        [
            {"channel": "email"},
            {"channel": "text"},
            {"channel": "email", "subject": "About you"},
            {"channel": "text", "text": ""},
            {"channel": "email", "text": " \n\u00a0"},
            {"channel": "text", "text": "\u200b\u2060\ufeff"},
        ],
    )
    def test_refuses_a_message_without_words(self, api: Api, body: dict[str, Any]) -> None:
        with pytest.raises(CallRefused, match="/text"):
            api.call(NOON, "POST", "/content-checks", body)

    def test_names_parts_without_words_too(self, api: Api) -> None:
        body = {"channel": "letter", "envelope": {"marks": ["Past due"]}}
        first = api.call(NOON, "POST", "/content-checks", body)
        assert first["verdict"] == "deny"
        other = {"channel": "letter", "envelope": {"marks": ["postage"]}}
        second = api.call(NOON, "POST", "/content-checks", other)
        assert second["verdict"] == "allow"
        assert first["content_digest"] != second["content_digest"]


PAIRS = [
    (bodies.ContentCheckBody, said.Message),
    (bodies.VoicemailBody, said.Voicemail),
    (bodies.OptOutBody, said.OptOutOffer),
    (bodies.EnvelopeBody, said.Envelope),
    (bodies.SocialBody, said.SocialMedia),
    (bodies.CallerBody, said.CallerName),
    (bodies.ElectronicConsentBody, said.ElectronicConsent),
    (bodies.SendingBody, said.Sending),
    (bodies.ItemizationBody, said.ItemizationUse),
    (bodies.MortgageStatementBody, said.MortgageStatement),
    (bodies.SeparatePageBody, said.SeparatePage),
    (bodies.NoticeBody, said.ValidationNotice),
    (bodies.FormBody, said.NoticeForm),
    (bodies.DebtBody, said.DebtKind),
]


@pytest.mark.parametrize(("body", "told"), PAIRS, ids=lambda each: each.__name__)
def test_bodies_hold_what_the_rules_are_asked_about(body: Any, told: Any) -> None:
    assert set(body.model_fields) == {each.name for each in msgspec.structs.fields(told)}
