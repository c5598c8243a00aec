"""Checks examples about messages: what is decided of one, and what it is."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

from services.compliance.rules import content_rules, definitions
from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    answers,
    deciding,
    messages,
    moments,
    notices,
    specimens,
    vocabulary,
)
from services.compliance.rules.check.running import DriverFactory
from services.compliance.rules.check.said import Said
from services.compliance.rules.content import (
    consumer_debt,
    debt_collector_disclosure,
    itemization_date,
    sending_standard,
    social_visibility,
    translated_notice,
    validation_fields,
    validation_form,
)
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import DebtKind, Message
from shared.kernel.records import record, replace

AT = datetime.combine(moments.UNDATED, time(12), tzinfo=UTC)


@record
class Example:
    """One example, with what judges it."""

    area: str
    given: dict[str, Any]
    when: dict[str, Any]
    book: Book

    @property
    def said(self) -> Said:
        """Return all that it says."""
        return Said(
            {key: value for key, value in self.given.items() if key != "default_tz"}, self.when
        )

    def message(self) -> Message:
        """Return the message that it is about."""
        return messages.message_of(self.given, self.when, self.area, self.book)

    def findings(self) -> tuple[Finding, ...]:
        """Return what the rules find in that message."""
        return content_rules.judge(self.message(), self.book, AT).findings


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    example = Example(
        area=str(vector["area"]), given=vector["given"], when=vector["when"], book=book
    )
    then: dict[str, Any] = vector["then"]
    differing, unchecked = [], []
    for key, expected in then.items():
        if key in ("decision", "decisions"):
            decision = driver_factory().check(AT, example.message())
            wanted = then.get("decisions", [expected]) if key == "decision" else expected
            if not all(deciding.is_met(each, decision) for each in wanted):
                rules = ",".join(decision.rules or decision.flags) or "-"
                got = deciding.outcome_of(decision)
                differing.append(f"expected {expected}, got {got} ({rules})")
            continue
        answer = _answer_of(key)
        if answer is None:
            unchecked.append(key)
            continue
        found = answer(example, expected)
        if not answers.is_same(expected, found):
            differing.append(f"{key}: expected {expected}, got {found}")
    if len(unchecked) == len(then):
        differing.append(f"nothing here answers {', '.join(unchecked)}")
    return differing, unchecked


def is_about_contact(vector: dict[str, Any]) -> bool:
    """Tell whether an example asks for leave to send something, rather than about a message."""
    is_asked = vector["kind"] == "decision" and {"act", "to"} <= vector["when"].keys()
    return bool(is_asked and vector["area"] == "sending")


# -- what a message is ----------------------------------------------------------------------------


def _events(example: Example) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(example.given.get("timeline") or [])
    for key in ("act", "call", "email", "message"):
        said = example.given.get(key, example.when.get(key))
        if isinstance(said, dict):
            found.append({"ev": key, **said})
        elif isinstance(said, str):
            found.append({"ev": f"{key} {said}"})
    return found


def _conveyed(example: Example) -> Message | None:
    if example.area == "limited_content_message" or "voicemail" in example.given:
        return messages.voicemail_of(example.given.get("voicemail", example.given), example.book)
    events = _events(example)
    if not events and not messages.is_general(example.said):
        raise LookupError("the example tells of no act")
    found = messages.heard(events[-1] if events else {"ev": "letter marketing"})
    says_debt = example.said.tells("mention") if example.said.has("mention") else (
        example.said.tells("debt", "specific")
    )  # fmt: skip
    return replace(found, is_about_debt=False) if found and says_debt is False else found


def _is_communication(example: Example, expected: Any) -> bool:
    found = _conveyed(example)
    terms = example.book.federal("limited-content-message")
    return found is not None and definitions.is_communication(terms, found)


def _is_attempt(example: Example, expected: Any) -> bool:
    is_inbound = all(
        "received" in vocabulary.words(each.get("ev", "")) for each in _events(example)
    ) and bool(_events(example))
    return definitions.is_attempt(initiates_contact=not is_inbound)


def _media(example: Example, expected: Any) -> Any:
    listed = next((each for each in example.given.values() if isinstance(each, list)), [])
    carried = [each for each in listed if definitions.is_medium(str(each))]
    return "all" if carried == listed and expected == "all" else carried


_ORGANIZATIONS = (
    "corporation", "company", "business", "llc", "partnership", "firm", "organization", "entity",
    "association", "government", "trust", "municipality", "nonprofit", "church", "inc",
)  # fmt: skip
_PURPOSES = ("personal", "family", "household")


def _is_debt(example: Example, expected: Any) -> bool:
    said = example.said
    is_organization = said.mentions(*_ORGANIZATIONS) and not said.mentions("natural", "individual")
    purpose = said.find("purpose")
    words = vocabulary.words(purpose) if purpose else []
    return consumer_debt.is_debt(
        example.book.federal("consumer-debt"),
        DebtKind(
            obligor="organization" if is_organization and not purpose else "natural_person",
            purpose=next((each for each in words if each in _PURPOSES), "business")
            if purpose
            else None,
        ),
    )


def _is_collector(example: Example, expected: Any) -> bool:
    said = example.said
    return definitions.is_debt_collector(
        definitions.Business(
            collects_for_others=bool(said.tells("others") or said.tells("another")),
            is_collection_principal_purpose=bool(said.tells("principal")),
            is_creditor_in_own_name=bool(said.tells("own", "name")),
            suggests_third_party=bool(said.tells("suggest") or said.tells("third", "party")),
            is_excluded=bool(said.tells("process", "server") or said.tells("officer")),
        )
    )


def _is_limited(example: Example, expected: Any) -> bool:
    return content_rules.judge(example.message(), example.book, AT).is_limited_content


# -- disclosures ----------------------------------------------------------------------------------


def _required(example: Example, expected: Any) -> Any:
    given = example.given
    said = next((each for each in given.values() if isinstance(each, list)), None)
    terms = example.book.federal("limited-content-message")
    if said is None or "timeline" in given:
        return _required_disclosure(example, expected) not in (None, "none")
    needed = []
    for each in said:
        message = messages.voicemail_of(each, example.book)
        is_communication = definitions.is_communication(terms, message)
        needed.append(
            debt_collector_disclosure.required_disclosure(
                replace(message, document="message"), is_communication=is_communication
            )
            is not None
        )
    return needed


def _required_disclosure(example: Example, expected: Any) -> Any:
    """Return what the last event of a timeline must disclose after those before it."""
    terms = example.book.federal("limited-content-message")
    heard = [messages.heard(each) for each in _events(example)]
    earlier = [
        each
        for each in heard[:-1]
        if each is not None and definitions.is_communication(terms, each)
    ]
    spoken = debt_collector_disclosure.SPOKEN
    last = heard[-1] if heard else None
    if not heard and example.said.has("initial"):
        earlier = [Message(channel=_initial_channel(example))]
    message = replace(
        last or Message(channel=_medium_asked(example)),
        document="message" if last is None else last.document,
        is_initial=not earlier and example.said.tells("first") is not False,
        was_initial_oral=bool(earlier) and earlier[0].channel in spoken,
        is_first_in_writing=all(each.channel in spoken for each in earlier),
    )
    found = debt_collector_disclosure.required_disclosure(
        message, is_communication=last is None or definitions.is_communication(terms, last)
    )
    return found or ("none" if expected == "none" else None)


def _initial_channel(example: Example) -> Any:
    said = " ".join(
        f"{' '.join(each.words)} {each.value}"
        for each in example.said.entries
        if "initial" in each.words and each.value is not False
    )
    if {"oral", "spoken", "orally"} & set(vocabulary.words(said)):
        return "call"
    return vocabulary.channel_of(said) or "letter"


def _medium_asked(example: Example) -> Any:
    said = example.when.get("act", example.when.get("question", ""))
    return vocabulary.channel_of(said) or "letter"


# -- findings -------------------------------------------------------------------------------------

_PARAGRAPH = re.compile(r"(1006\.\d+)?((?:\([a-zA-Z0-9]+\))+)")


def paragraphs(findings: Iterable[Finding]) -> list[str]:
    """Return the paragraphs that findings cite: "1006.14(a), (d)" is two of the same section."""
    found: dict[str, None] = {}
    for each in findings:
        if each.verdict == "flag":
            continue
        section = ""
        regulation = each.citation.partition(";")[0]
        for named, paragraph in _PARAGRAPH.findall(regulation):
            section = named or section
            if section:
                found[f"{section}{paragraph}"] = None
    return list(found)


def _violations(example: Example, expected: Any) -> Any:
    found = paragraphs(example.findings())
    if isinstance(expected, str):
        return expected if any(each.startswith(expected) for each in found) else found
    if isinstance(expected, bool):
        return bool(found)
    return found


def _barred(example: Example, expected: Any) -> Any:
    acts = example.given.get("acts", example.when.get("acts"))
    if acts is None:
        act = messages.message_of(example.given, example.when, "social_media", example.book)
        return act.social is not None and social_visibility.is_visible(act.social.act)
    told = [messages.social_of(str(each), Said({"act": str(each)})).social for each in acts]
    return [each is not None and social_visibility.is_visible(each.act) for each in told]


def _frequency_ok(example: Example, expected: Any) -> bool:
    said = example.given.get("call_presumption", "compliance")
    return str(said) == "compliance" and not example.given.get("rebutted")


# -- notices --------------------------------------------------------------------------------------


def _qualifies(example: Example, expected: Any) -> bool:
    given = {key: value for key, value in example.given.items() if key != "default_tz"}
    if any(notices.choice_of(key) == "last_statement" for key in given):
        words = {
            word
            for value in given.values()
            for word in (vocabulary.words(value) if isinstance(value, str) else [])
        }
        is_collectors = "collector" in words and "creditor" not in words
        return itemization_date.statement_qualifies("collector" if is_collectors else "creditor")
    terms = example.book.federal("itemization-date")
    if any(notices.choice_of(key) == "last_payment" for key in given):
        is_applied = example.said.tells("applied") is not False
        return itemization_date.payment_qualifies(terms, is_applied=is_applied)
    return any(
        notices.choice_of(each) in terms.names["choices"]
        for key, value in given.items()
        for each in (key, *(value if isinstance(value, list) else [value]))
    )


def _forms_ok(example: Example, expected: Any) -> Any:
    """Return which of several forms of an itemization comply."""
    forms = next((each for each in example.given.values() if isinstance(each, list)), [])
    is_same = example.said.tells("same", "communication") is not False
    good = []
    for each in forms:
        notice = specimens.notice(example.book)
        if "separate" in vocabulary.words(each):
            notice = notices.on_separate_page(notice, is_same=is_same, is_referred_to=True)
        message = Message(
            channel="letter", document="validation_notice", notice=notice, form=specimens.form()
        )
        if content_rules.judge(message, example.book, AT).verdict == "allow":
            good.append(each)
    return "all" if good == forms and expected == "all" else good


def _reason(example: Example, expected: Any) -> Any:
    explained = " ".join(each.explanation for each in example.findings()).lower()
    is_told = all(
        each.rstrip("s") in explained for each in vocabulary.words(expected) if each != "field"
    )
    return expected if is_told else explained


_PAID = ("payment", "credit", "paid")


def _amount(example: Example, expected: Any) -> float:
    owed: list[int] = []
    paid: list[int] = []
    for each in example.said.entries:
        if isinstance(each.value, int | float) and not isinstance(each.value, bool):
            is_paid = any(word.startswith(_PAID) for word in each.words)
            (paid if is_paid else owed).append(round(each.value * 100))
    return validation_fields.amount_owed(owed, paid) / 100


def _deemed(example: Example, expected: Any) -> bool:
    form = example.message().form
    return form is not None and translated_notice.is_accurate(form)


def _safe_harbor(example: Example, expected: Any) -> bool:
    form = example.message().form
    return form is not None and validation_form.has_safe_harbor(form)


def _factors(example: Example, expected: Any) -> Any:
    sending = example.message().sending
    found = sending_standard.factors(sending) if sending else frozenset()
    return len(found) if isinstance(expected, int) else sorted(found)


def _sending_told(example: Example) -> Message:
    """Return how a disclosure was sent, by a timeline of what was sent and what came back."""
    return messages.message_of(example.given, example.when, "sending", example.book)


def _sent_properly(example: Example, expected: Any) -> bool:
    sending = _sending_told(example).sending
    return sending is not None and sending_standard.is_sent_properly(sending)


def _action(example: Example, expected: Any) -> Any:
    sending = _sending_told(example).sending
    return "resend" if sending and sending.is_undeliverable else None


ANSWERS: dict[str, Callable[[Example, Any], Any]] = {
    "is_attempt_to_communicate": _is_attempt,
    "is_attempt": _is_attempt,
    "is_communication": _is_communication,
    "is_medium_for_communication": _media,
    "is_debt": _is_debt,
    "is_debt_collector": _is_collector,
    "is_limited_content_message": _is_limited,
    "required": _required,
    "required_disclosure": _required_disclosure,
    "violates": _violations,
    "violations": _violations,
    "barred": _barred,
    "frequency_ok": _frequency_ok,
    "qualifies": _qualifies,
    "ok": _forms_ok,
    "reason": _reason,
    "amount": _amount,
    "deemed": _deemed,
    "safe_harbor": _safe_harbor,
    "factors_met": _factors,
    "sent_properly": _sent_properly,
    "action": _action,
}


def _answer_of(key: str) -> Callable[[Example, Any], Any] | None:
    if key in ANSWERS:
        return ANSWERS[key]
    words = vocabulary.words(key)
    if words[:1] == ["violates"]:
        cited = "".join(words[1:])
        return lambda example, expected: any(
            re.sub(r"[^a-z0-9]", "", each.lower()).endswith(cited)
            for each in paragraphs(example.findings())
        )
    return next(
        (
            answer
            for name, answer in ANSWERS.items()
            if set(vocabulary.words(name)) - _FILLING <= set(words)
        ),
        None,
    )


_FILLING = {"is", "a", "for", "to"}
