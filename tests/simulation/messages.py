"""Messages that a desk has checked: lawful ones, and what spoils them.

What a check must find follows from how a message was made: every fault names the rules it breaks.
Nothing here reads words, so nothing here can misread them as the rules may.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from shared.kernel.records import record, replace
from tests.simulation.chance import Chance

BUSINESS = "Example Agency"
CALLER = "Grace"
NUMBER = "212-555-0100"
DISCLOSURE = (
    "This is an attempt to collect a debt, and any information obtained will be used for that"
    " purpose."
)
SHORT_DISCLOSURE = "This is from a debt collector."
OPT_OUT, OPTING_OUT = "Reply STOP to opt out.", "opt-out-statement"
RECORDED, UNNAMED = f"This is {BUSINESS}, {NUMBER}.", f"This is {CALLER}, {NUMBER}."
GARNISHING, SUING = "We will garnish your salary.", "We will sue you."
AMOUNTS = {
    "owed_on_date": {"principal": 900, "interest": 100},
    "stated_on_date": 1_000,
    "interest": 50,
    "payments": 200,
    "stated_now": 850,
}

ENDING_EARLY = {"provided_on": "2026-03-02", "states_end_on": "2026-04-07"}


@record
class Draft:
    """A message in the making: its sentences, what is said of it, and what is wrong with it.

    `denied` are the rules that must object to sending it, `flagged` those that must have it looked
    at; a sentence that a finding must name stands beside its rule in `named`.
    """

    channel: str
    sentences: tuple[str, ...]
    subject: str = ""
    said: dict[str, Any] = {}
    changed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    flagged: frozenset[str] = frozenset()
    named: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Return the words."""
        return " ".join(self.sentences)

    @property
    def words(self) -> tuple[str, str]:
        """Return what content is known by: its subject and its text."""
        return self.subject, self.text

    @property
    def body(self) -> dict[str, Any]:
        """Return what is sent to be checked."""
        words = {"subject": self.subject, "text": self.text}
        written = {name: value for name, value in words.items() if value}
        return {"channel": self.channel, **written, **self.said}

    @property
    def document(self) -> str:
        """Return as what it is checked."""
        return str(self.said.get("document", "message"))

    def saying(self, *rules: str, **said: Any) -> "Draft":
        """Say something else of it, which breaks rules; what was changed once stays."""
        if not self.changed.isdisjoint(said):
            return self
        return replace(
            self,
            said={**self.said, **said},
            changed=self.changed | said.keys(),
            denied=self.denied | {*rules},
        )

    def doubted(self, *rules: str, **said: Any) -> "Draft":
        """Say something else of it, which somebody must look at."""
        if not self.changed.isdisjoint(said):
            return self
        return replace(self.saying(**said), flagged=self.flagged | {*rules})

    def adding(self, sentence: str, *rules: str) -> "Draft":
        """Add a sentence that breaks rules."""
        return replace(
            self,
            sentences=(*self.sentences, sentence),
            denied=self.denied | {*rules},
            named=(*self.named, *((rule, sentence) for rule in rules)),
        )

    def as_letter(self) -> "Draft":
        """Return the same words as a letter, which need not say how to opt out."""
        return replace(
            self,
            channel="letter",
            denied=self.denied - {OPTING_OUT},
            named=tuple(each for each in self.named if each[0] != OPTING_OUT),
        )

    def lacking(self, sentence: str, *rules: str, instead: str = "") -> "Draft":
        """Leave a sentence out, or say another in its place, which breaks rules."""
        if sentence not in self.sentences:
            return self
        kept = (instead if each == sentence else each for each in self.sentences)
        return replace(
            self, sentences=tuple(each for each in kept if each), denied=self.denied | {*rules}
        )


Change = Callable[[Draft], Draft]

WORDINGS = (
    "We will have you arrested.",
    "You have committed fraud.",
    "We are a federal agency.",
    "We are a credit bureau.",
    "You are hereby summoned.",
    "We will ruin your credit.",
    "You lose every defense.",
    "You have won a prize.",
    "You are a deadbeat.",
    "We know where you live.",
    "We will tell your employer.",
)
"""One of each kind of wording that no message may hold."""

_FIELDS = (
    "debt_collector_disclosure collector_name collector_mailing_address consumer_name"
    " consumer_mailing_address account_number current_creditor itemization_date"
    " amount_on_itemization_date interest fees payments credits current_amount"
    " validation_period_end written_dispute_statement original_creditor_statement"
    " assumed_valid_statement dispute_prompts original_creditor_prompt response_addresses"
    " creditor_on_itemization_date bureau_website_statement"
).split()
"""What a validation notice must hold (12 CFR 1006.34(c)), on paper and of a financial product."""


def _email(reference: str) -> Draft:
    return Draft(
        channel="email",
        subject="Your account",
        sentences=(DISCLOSURE, "Please write to us.", reference, OPT_OUT),
    )


def _text(reference: str) -> Draft:
    # Without how to opt out it is the words of a letter: lawful as one, and not as the other.
    return Draft(channel="text", sentences=(DISCLOSURE, reference, OPT_OUT))


def _later_email(reference: str) -> Draft:
    return Draft(
        channel="email",
        subject="Your account",
        sentences=(SHORT_DISCLOSURE, reference, OPT_OUT),
        said={"is_initial": False, "is_first_in_writing": False},
    )


def _letter(reference: str) -> Draft:
    return Draft(
        channel="letter",
        sentences=(DISCLOSURE, reference),
        said={"envelope": {"marks": ["recipient", "postage"]}},
    )


def _call(reference: str) -> Draft:
    return Draft(
        channel="call",
        sentences=(f"This is {CALLER} of {BUSINESS}.", DISCLOSURE, reference),
        said={"business_name": BUSINESS, "contact_names": [CALLER]},
    )


def _limited(reference: str) -> Draft:
    return Draft(
        channel="voicemail",
        sentences=(f"This is {CALLER} from {BUSINESS}.", f"Please call me back at {NUMBER}."),
        said={
            "document": "limited_content_message",
            "business_name": BUSINESS,
            "contact_names": [CALLER],
            "telephone_numbers": [NUMBER],
            "voicemail": {"mailbox_of": "consumer"},
        },
    )


def _recording(reference: str) -> Draft:
    return Draft(
        channel="voicemail",
        sentences=(RECORDED, DISCLOSURE, reference),
        said={"is_prerecorded": True, "business_name": BUSINESS, "telephone_numbers": [NUMBER]},
    )


def _private(reference: str) -> Draft:
    return Draft(
        channel="social",
        sentences=(DISCLOSURE, reference, OPT_OUT),
        said={"social": {"act": "private_message", "discloses_identity": True}},
    )


def _notice(reference: str) -> Draft:
    return Draft(
        channel="letter",
        sentences=(),
        said={
            "document": "validation_notice",
            "notice": {
                "fields": {each: reference for each in _FIELDS},
                "name_parts_known": ["first", "last"],
                "name_parts_shown": ["first", "last"],
                "amounts": AMOUNTS,
            },
            "form": {"is_clear_and_conspicuous": True},
            "itemization": {"choices": {"amount": "charge_off"}},
            "sending": {"medium": "mail", "is_last_known_address": True},
        },
    )


BASES = (
    *(_email, _email, _later_email, _text, _text, _letter, _letter, _call, _call),
    *(_limited, _recording, _recording, _private, _private, _notice, _notice, _notice),
)


def some_draft(chance: Chance) -> Draft:
    """Return a message, lawful about as often as not."""
    reference = f"Your reference is {chance.one_of((1, 2))}."
    draft = chance.one_of(BASES)(reference)
    for _ in range(chance.one_of((0, 0, 1, 1, 2))):
        changes = list(_faults(draft))
        wording: Change = partial(_worded, chance.one_of(WORDINGS))
        if draft.document == "message" and chance.happens(0.5):
            changes = [wording, *COMMON]
        draft = chance.one_of(changes)(draft)
    return draft


def _faults(draft: Draft) -> Iterator[Change]:
    """Yield what may be wrong with a message of its kind."""
    match draft.document:
        case "limited_content_message":
            yield lambda each: each.adding("It is about your account.").saying(
                "limited-content-message", is_about_debt=None
            )
        case "validation_notice":
            yield from _of_notices(draft)
        case _:
            yield from _of_channels(draft)


def _signed(draft: Draft) -> Draft:
    return draft.adding("Our attorneys wrote this.", "attorney-identity")


def _worded(wording: str, draft: Draft) -> Draft:
    return draft.adding(wording, "forbidden-wording")


def _garnishing(draft: Draft) -> Draft:
    if "lawful_and_intended" in draft.changed:
        return draft
    return draft.adding(GARNISHING, "remedy-threat")


def _meaning_to_garnish(draft: Draft) -> Draft:
    if GARNISHING in draft.sentences:
        return draft
    meant = draft.doubted("remedy-threat", lawful_and_intended=["seizure"])
    return replace(meant, sentences=(*draft.sentences, GARNISHING))


def _suing(draft: Draft) -> Draft:
    if not draft.changed.isdisjoint(("is_debt_expired", "is_validation_period_open")):
        return draft
    return draft.adding(SUING, "remedy-threat", "expired-debt-threat")


def _suing_in_time(draft: Draft) -> Draft:
    if SUING in draft.sentences or "is_validation_period_open" in draft.changed:
        return draft
    return draft.saying(is_debt_expired=False).adding(SUING, "remedy-threat")


def _pressing(draft: Draft) -> Draft:
    if SUING in draft.sentences:
        return draft
    pressing = draft.saying(is_validation_period_open=True)
    return pressing.adding("You must pay at once.", "overshadowing")


def _undisclosed(draft: Draft) -> Draft:
    if not draft.changed.isdisjoint(("language", "audience")):
        return draft
    said = SHORT_DISCLOSURE if SHORT_DISCLOSURE in draft.sentences else DISCLOSURE
    return draft.lacking(said, "debt-collector-disclosure")


def _in_french(draft: Draft) -> Draft:
    if "debt-collector-disclosure" in draft.denied or "audience" in draft.changed:
        return draft
    return draft.doubted("language-unread", "debt-collector-disclosure", language="fr")


def _to_another(draft: Draft) -> Draft:
    # Who is not the consumer need not be told that a debt collector writes.
    if "debt-collector-disclosure" in draft.denied or "language" in draft.changed:
        return draft
    private = {"act": "private_message", "discloses_identity": True}
    return draft.saying("social-recipient", audience="third_party", social=private)


def _naming_employer(draft: Draft) -> Draft:
    return draft.saying("location-request", location={"names_employer": True})


def _about_a_firm(draft: Draft) -> Draft:
    return draft.doubted("consumer-debt", debt={"obligor": "company"})


COMMON: tuple[Change, ...] = (
    *(_signed, _garnishing, _meaning_to_garnish, _suing, _suing_in_time, _pressing),
    *(_undisclosed, _in_french, _about_a_firm, _naming_employer),
)
"""What may be wrong with any words, or doubtful about them, beside forbidden ones."""


def _of_channels(draft: Draft) -> Iterator[Change]:
    match draft.channel:
        case "email" | "text" | "social":
            demanding = "Reply STOP and your account number to opt out."
            yield lambda each: each.lacking(OPT_OUT, OPTING_OUT)
            yield lambda each: each.lacking(OPT_OUT, OPTING_OUT, instead=demanding)
        case "letter":
            yield lambda each: each.saying("postcard", envelope={"is_postcard": True})
            yield lambda each: each.saying("envelope-marks", envelope={"marks": ["past due"]})
        case "call":
            changing = {"is_disclosed": True, "is_assumed": True, "is_used_consistently": False}
            yield lambda each: each.saying("assumed-name", caller=changing)
            yield lambda each: each.saying("caller-identity", caller={"is_disclosed": False})
        case _:
            yield lambda each: each.lacking(
                RECORDED, "prerecorded-identification", "caller-identity", instead=UNNAMED
            )
    if draft.channel == "social":
        hidden = {"act": "private_message", "discloses_identity": False}
        yield lambda each: each.saying("social-visibility", social={"act": "public_post"})
        yield lambda each: each.saying("social-identity", social=hidden)
        yield _to_another


def _of_notices(draft: Draft) -> Iterator[Change]:
    notice, form = draft.said["notice"], draft.said["form"]
    fields = {name: value for name, value in notice["fields"].items() if name != "fees"}
    spoiled: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("validation-fields", "notice", {**notice, "fields": fields}),
        ("validation-amounts", "notice", {**notice, "amounts": {**AMOUNTS, "stated_now": 851}}),
        ("validation-end", "notice", {**notice, **ENDING_EARLY}),
        ("consumer-name", "notice", {**notice, "name_parts_known": ["first", "middle"]}),
        ("validation-form", "form", {"is_clear_and_conspicuous": False}),
        (
            "translated-notice",
            "form",
            {**form, "translation_by": "other", "is_translation_accurate": False},
        ),
        ("itemization-date", "itemization", {"choices": {"a": "charge_off", "b": "judgment"}}),
        ("sending-standard", "sending", {"medium": "mail", "is_undeliverable": True}),
        ("electronic-consent", "sending", {"medium": "email"}),
    )
    yield from (partial(_spoiled, rule, part, to) for rule, part, to in spoiled)
    yield _oddly_named


def _oddly_named(draft: Draft) -> Draft:
    notice = draft.said["notice"]
    names = [
        {"name": "Example Store", "relation": "co_brand_on_card"},
        {"name": "Example Bank", "relation": "sponsor"},
    ]
    return draft.doubted("associated-names", notice={**notice, "associated_names": names})


def _spoiled(rule: str, part: str, to: dict[str, Any], draft: Draft) -> Draft:
    return draft.saying(rule, **{part: to})
