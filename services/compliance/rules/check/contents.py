"""Checks examples about messages: what is decided of one, and what it is."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

from services.compliance.rules import content_rules, definitions
from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    answers,
    asked,
    associated,
    deciding,
    itemizations,
    itemwise,
    messages,
    moments,
    notices,
    specimens,
    told_validation,
    trace,
    vocabulary,
)
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.engine import Engine
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.check.said import Said
from services.compliance.rules.content import (
    associated_names,
    consumer_debt,
    debt_collector_disclosure,
    sending_standard,
    social_visibility,
    translated_notice,
    validation_form,
)
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import (
    DebtKind,
    Document,
    ItemizationUse,
    Message,
    NoticeAmounts,
    Sender,
)
from shared.kernel.records import record, replace

AT = datetime.combine(moments.UNDATED, time(12), tzinfo=UTC)


@record
class Example:
    """One example, with what judges it."""

    area: str
    given: dict[str, Any]
    when: dict[str, Any]
    book: Book
    driver_factory: DriverFactory

    def check(self, message: Message) -> Decision:
        """Have a message checked."""
        trace.note(message)
        return self.driver_factory().check(AT, message)

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
        message = self.message()
        trace.note(message)
        return content_rules.judge(message, self.book, AT).findings


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    example = Example(
        area=str(vector["area"]),
        given=vector["given"],
        when=vector["when"],
        book=book,
        driver_factory=driver_factory,
    )
    then: dict[str, Any] = vector["then"]
    differing, unchecked = [], []
    for key, expected in then.items():
        if key in ("decision", "decisions"):
            wanted = then.get("decisions", [expected]) if key == "decision" else expected
            decided = [_decided(each) for each in _acts(example, len(wanted))]
            if not all(map(deciding.is_met, wanted, decided)):
                rules = "; ".join(",".join(each.rules or each.flags) or "-" for each in decided)
                got = [deciding.outcome_of(each) for each in decided]
                differing.append(f"expected {expected}, got {got} ({rules})")
            continue
        answer = _answer_of(key)
        if answer is None:
            unchecked.append(key)
            continue
        found = answer(example, expected)
        trace.answer(key, found)
        if not answers.is_same(expected, found):
            differing.append(f"{key}: expected {expected}, got {found}")
    return differing, unchecked


def _decided(example: Example) -> Decision:
    """Have a message checked; a social one that may be sent needs leave, too, where something is
    told of the person.
    """
    checked = example.check(example.message())
    is_of_person = bool(_OF_PERSON & _words_of_keys(example.given))
    if example.area != "social_media" or checked.verdict != "permit" or not is_of_person:
        return checked
    run = Run(example.given, example.when, example.driver_factory(), example.book)
    return next((each for each in run.decisions() if each.verdict != "permit"), checked)


_OF_PERSON = frozenset({"timeline", "opted", "opt", "optout", "unsubscribed"})


def _words_of_keys(given: dict[str, Any]) -> set[str]:
    return {word for key in given for word in vocabulary.words(key)}


def _acts(example: Example, count: int) -> list[Example]:
    """Return an example for each of so many acts that are listed, or the one again and again."""
    given, when = example.given, example.when
    listed = when.get("acts", given.get("acts"))
    if not isinstance(listed, list) or len(listed) != count:
        return [example] * count
    given, when = ({key: value for key, value in part.items() if key != "acts"}
                   for part in (given, when))  # fmt: skip
    found = []
    for said in listed:
        act = said if isinstance(said, dict) else {"act": said}
        told = {key: value for key, value in act.items() if key not in ("act", "at")}
        asked = {key: value for key, value in act.items() if key in ("act", "at")}
        found.append(replace(example, given={**given, **told}, when={**when, **asked}))
    return found


def is_about_contact(vector: dict[str, Any]) -> bool:
    """Tell whether an example asks for leave to send something, rather than about a message."""
    is_asked = vector["kind"] == "decision" and {"act", "to"} <= vector["when"].keys()
    act = vector["when"].get("act", "")
    is_on_paper = vocabulary.channel_of(act) == "letter"
    is_required = bool(_DISCLOSING & set(vocabulary.words(act)))
    return bool(is_asked and vector["area"] == "sending" and not (is_on_paper and is_required))


_DISCLOSING = frozenset({"disclosure", "disclosures", "notice", "notices"})
"""What must be sent: on paper, whether that is done rightly is no question of leave."""


# -- what a message is ----------------------------------------------------------------------------


def _events(example: Example) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(example.given.get("timeline") or [])
    for key in ("act", "call", "email", "message", "letter", "text", "voicemail"):
        said = example.given.get(key, example.when.get(key))
        if isinstance(said, dict):
            found.append({"ev": key, **said})
        elif isinstance(said, str):
            found.append({"ev": said if key == "act" else f"{key} {said}"})
    return found


def _conveyed(example: Example) -> Message | None:
    if example.area == "limited_content_message" or "voicemail" in example.given:
        return messages.voicemail_of(example.given.get("voicemail", example.given), example.book)
    events = _events(example)
    medium = example.said.find("medium") or example.said.find("channel")
    if not events and isinstance(medium, str):
        events = [{"ev": medium}]
    if not events and not messages.is_general(example.said):
        raise LookupError("the example tells of no act")
    found = messages.heard(events[-1] if events else {"ev": "letter marketing"})
    if isinstance(medium, str) and (channel := vocabulary.message_channel_of(medium)) and found:
        found = replace(found, channel=channel)
    says_debt = next(
        (tells for each in _OF_DEBT if (tells := example.said.tells(*each)) is not None), None
    )
    return replace(found, is_about_debt=False) if found and says_debt is False else found


_OF_DEBT = (("mention",), ("debt", "specific"), ("convey",), ("information", "debt"),
            ("refer", "debt"))  # fmt: skip


_SEVERAL = {
    "outcomes": "call", "voicemails": "voicemail", "calls": "call", "messages": "message",
    "letters": "letter", "emails": "email", "texts": "text", "acts": "act", "attempts": "act",
    "communications": "act",
}  # fmt: skip
"""Lists of what was done, and what one of them is."""


def _each(example: Example, answer: Callable[[Example, Any], Any], expected: Any) -> Any:
    """Answer for each entry of a list of what was done; None where there is no such list."""
    for key, singular in _SEVERAL.items():
        listed = example.given.get(key)
        if isinstance(listed, list):
            told = {name: value for name, value in example.given.items() if name != key}

            def holds(each: Any, told: Any = told, singular: str = singular) -> bool:
                return bool(answer(replace(example, given={**told, singular: each}), True))

            return answers.chosen(listed, holds, expected)
    return None


_MEDIA = frozenset({"media", "mediums", "channels"})
_WRITTEN = ("email", "text")
_ANY_WORDS = "Please write to us."


def _is_communication(example: Example, expected: Any) -> Any:
    several = _each(example, _is_communication, expected)
    if several is not None:
        return several
    if any(_MEDIA & set(vocabulary.words(key)) and isinstance(value, list)
           for key, value in example.given.items()):  # fmt: skip
        return _media(example, expected)
    found = _conveyed(example)
    if found is not None and found.channel in _WRITTEN and not found.is_said:
        found = replace(found, text=_ANY_WORDS)  # nobody sends a message without words
    return found is not None and bool(example.check(found).is_communication)


_DONE = {"voicemail": "left", "call": "placed"}


def _is_attempt(example: Example, expected: Any) -> Any:
    """Tell whether what is told of counts as an attempt made, by the gate that has heard of it."""
    several = _each(example, _is_attempt, expected)
    if several is not None:
        return several
    events = [
        # A bare "call" or "email" was placed or sent, unless it says otherwise.
        {**each, "ev": f"{each['ev']} {'placed' if each['ev'] == 'call' else 'sent'}"}
        if each["ev"] in ("call", "email", "message", "letter", "text")
        else {**each, "ev": f"{each['ev']} {_DONE[vocabulary.words(each['ev'])[0]]}"}
        if vocabulary.words(each["ev"])[0] in _DONE
        else each
        for each in _events(example)[-1:]
    ]
    engine = Engine({"timeline": events}, {}, example.book)
    engine.tell()
    return engine.has_attempt()


def _media(example: Example, expected: Any) -> Any:
    listed = next((each for each in example.given.values() if isinstance(each, list)), [])
    return answers.chosen(listed, lambda each: _may_carry(example, str(each)), expected)


def _may_carry(example: Example, medium: str) -> bool:
    """Tell whether a message through a medium conveys something of the debt that it is about."""
    channel = vocabulary.message_channel_of(medium)
    message = None if channel is None else Message(channel=channel, is_about_debt=True)
    return message is not None and bool(example.check(message).is_communication)


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
    """Tell whether a message of theirs must say that it is from a debt collector."""
    said = example.said
    sender = Sender(
        collects_for_others=bool(said.tells("others") or said.tells("another")),
        is_collection_principal_purpose=bool(said.tells("principal")),
        is_creditor_in_own_name=bool(said.tells("own", "name")),
        suggests_third_party=bool(said.tells("suggest") or said.tells("third", "party")),
        is_excluded=bool(said.tells("process", "server") or said.tells("officer")),
    )
    checked = example.check(Message(channel="letter", text="-", sender=sender))
    return "debt-collector-disclosure" in checked.rules


def _is_limited(example: Example, expected: Any) -> bool:
    return content_rules.judge(example.message(), example.book, AT).is_limited_content


# -- disclosures ----------------------------------------------------------------------------------


def _required(example: Example, expected: Any) -> Any:
    given = example.given
    if example.area == "validation_form":
        return _must_supply_spanish(example)
    if example.area == "sending":
        unconsented = example.message()
        return "electronic-consent" in example.check(unconsented).rules
    said = next((each for each in given.values() if isinstance(each, list)), None)
    terms = example.book.federal("limited-content-message")
    if said is None or "timeline" in given:
        return _required_disclosure(example, expected) not in (None, "none")
    needed = []
    for each in said:
        message = _told_by_word(example, each)
        is_communication = definitions.is_communication(terms, message)
        needed.append(
            debt_collector_disclosure.required_disclosure(
                message, is_communication=is_communication
            )
            is not None
        )
    return needed


def _must_supply_spanish(example: Example) -> bool:
    """Refuse a Spanish notice that was asked for: that is objected to where one is owed."""
    form = example.message().form
    if form is None or example.said.tells("request") is False:
        return False
    refusing = replace(form, supplies_spanish=False)
    return "translated-notice" in example.check(replace(example.message(), form=refusing)).rules


def _required_disclosure(example: Example, expected: Any) -> Any:
    """Return what the last event of a timeline must disclose after those before it.

    For a list it is what each event must, after those before that.
    """
    events = _events(example) or _communications(example)
    if isinstance(expected, list):
        return [_disclosed_last(example, events[: each + 1]) for each in range(len(events))]
    return _disclosed_last(example, events) or ("none" if expected == "none" else None)


def _communications(example: Example) -> list[dict[str, Any]]:
    """Return communications told as a list, in their order; letters, unless they say otherwise."""
    listed = next(
        (each for each in example.given.values()
         if isinstance(each, list) and each and all(isinstance(one, dict) for one in each)),
        [],
    )  # fmt: skip
    return [{"ev": f"{each.get('medium', 'letter')} sent", **each} for each in listed]


def _disclosed_last(example: Example, events: list[dict[str, Any]]) -> str | None:
    terms = example.book.federal("limited-content-message")
    heard = [messages.heard(each) for each in events]
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
        document=_document_asked(example) if last is None else last.document,
        is_initial=not earlier and example.said.tells("first") is not False,
        was_initial_oral=bool(earlier) and earlier[0].channel in spoken,
        is_first_in_writing=all(each.channel in spoken for each in earlier),
    )
    return debt_collector_disclosure.required_disclosure(
        message, is_communication=last is None or definitions.is_communication(terms, last)
    )


def _told_by_word(example: Example, said: Any) -> Message:
    """Return a voicemail, or a document, that a word names."""
    document = told_validation.document_of(str(said))
    is_spoken = "voicemail" in vocabulary.words(said) or document == "limited_content_message"
    if is_spoken or isinstance(said, dict):
        return replace(messages.voicemail_of(said, example.book), document="message")
    channel = vocabulary.channel_of(str(said)) or "letter"
    return Message(channel=channel, document=document, is_about_debt=True)


def _document_asked(example: Example) -> Document:
    said = [example.given.get(key) for key in ("document", "doc", "kind", "filed", "sent")]
    return told_validation.document_of(" ".join(str(each) for each in said if each))


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


def _only(example: Example, dated: list[str], kept: str) -> Example:
    given = {key: value for key, value in example.given.items() if key not in dated or key == kept}
    return replace(example, given=given)


def _is_bound(example: Example, expected: Any) -> bool:
    """Go by one of the dates given, then by another: that must be refused."""
    dates = [
        (choice, days[-1])
        for key, value in example.given.items()
        if (days := moments.dates_of(value)) and (choice := itemizations.choice_of(key)) is not None
    ]
    (before, earlier), *_, (choice, later) = dates
    use = ItemizationUse(
        choices={"amount": choice},
        earlier_choice=before,
        reference_date=later,
        earlier_reference_date=earlier,
    )
    return example.check(Message(channel="letter", itemization=use)).verdict != "permit"


def _qualifies(example: Example, expected: Any) -> Any:
    """Tell whether a notice may go by the reference date that is named."""
    given = {key: value for key, value in example.given.items() if key != "default_tz"}
    dated = [key for key, value in given.items() if moments.dates_of(value)]
    if isinstance(expected, list) and dated and all(map(moments.dates_of, expected)):
        return [given[each] for each in dated if _qualifies(_only(example, dated, each), None)]
    if isinstance(expected, list):
        return [
            _qualifies(replace(example, given={**given, key: each}), None)
            for key, value in given.items()
            if isinstance(value, list)
            for each in value
        ]
    if expected in ("all", "none"):
        good = [each for each in dated if _qualifies(_only(example, dated, each), None)]
        return "all" if dated and good == dated else good or "none"
    said = [each for value in given.values() for each in _listed(value)]
    words = {word for each in said for word in _affirmed(each)}
    by_keys = [choice for key in given if (choice := itemizations.choice_of(key)) is not None]
    by_values = [choice for each in said if (choice := itemizations.choice_of(each)) is not None]
    is_collectors = "collector" in words and "creditor" not in words
    uses = (
        ItemizationUse(
            choices={"amount": each},
            statement_by="collector" if is_collectors else "creditor",
            is_payment_applied=example.said.tells("applied") is not False,
        )
        for each in dict.fromkeys(by_keys or by_values)
    )
    return any(
        example.check(Message(channel="letter", itemization=each)).verdict == "permit"
        for each in uses
    )


def _affirmed(said: str) -> list[str]:
    """Return the words before a "not"."""
    words = vocabulary.words(said)
    return words[: words.index("not")] if "not" in words else words


def _listed(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def _forms_ok(example: Example, expected: Any) -> Any:
    """Return which of several forms of an itemization comply."""
    if example.area == "itemization":
        return _dates_ok(example)
    forms = next((each for each in example.given.values() if isinstance(each, list)), [])
    is_changed = example.said.has("chang") or example.said.has("modif")
    judge = _keeps_form if is_changed else _may_itemize_so
    good = [each for each in forms if judge(example, each)]
    return "all" if good == forms and expected == "all" else good


def _keeps_form(example: Example, change: Any) -> bool:
    """Tell whether the model form with one change is as good as the model form."""
    form = replace(specimens.form(), changes=(notices.change_of(str(change)),))
    return validation_form.has_safe_harbor(form) and _is_fit(example, form=form)


def _may_itemize_so(example: Example, said: Any) -> bool:
    is_same = example.said.tells("same", "communication") is not False
    notice = specimens.notice(example.book)
    if "separate" in vocabulary.words(said):
        notice = notices.on_separate_page(notice, is_same=is_same, is_referred_to=True)
    return _is_fit(example, notice=notice)


def _is_fit(example: Example, **parts: Any) -> bool:
    whole = {"notice": specimens.notice(example.book), "form": specimens.form(), **parts}
    message = Message(channel="letter", document="validation_notice", **whole)
    trace.note(message)
    return content_rules.judge(message, example.book, AT).verdict == "allow"


def _dates_ok(example: Example) -> list[Any]:
    """Return the dates given, or named, that may be the reference date which is asked for."""
    if named := _dates_named(example):
        return [
            each
            for each in named
            if (choice := itemizations.choice_of(each)) is not None and _may_go_by(example, choice)
        ]
    asked = itemizations.choice_of(example.when.get("question", ""))
    return [
        value
        for key, value in example.given.items()
        if moments.dates_of(value)
        and (choice := itemizations.choice_of(key)) is not None
        and choice == (asked or choice)
        and _may_go_by(example, choice)
    ]


def _dates_named(example: Example) -> list[str]:
    return next(
        (value for key, value in example.given.items()
         if isinstance(value, list) and "date" in map(_singular, vocabulary.words(key))),
        [],
    )  # fmt: skip


def _singular(word: str) -> str:
    return word.rstrip("s")


def _dates_not_ok(example: Example, expected: Any) -> list[Any]:
    good = _forms_ok(example, expected)
    return [each for each in _dates_named(example) if each not in good]


def _may_go_by(example: Example, choice: Any) -> bool:
    use = ItemizationUse(choices={"amount": choice}, statement_by="creditor")
    return example.check(Message(channel="letter", itemization=use)).verdict == "permit"


_MISSING = frozenset({"field", "date", "missing", "absent", "omitted", "lacking"})


def _reason(example: Example, expected: Any) -> Any:
    explained = " ".join(each.explanation for each in example.findings()).lower()
    is_told = all(
        each.rstrip("s") in explained
        for each in vocabulary.words(expected)
        if each not in _MISSING or ("lacks" not in explained and each != "field")
    )
    return expected if is_told else explained


_PAID = ("payment", "credit", "paid")
_COUNTS = frozenset({"combined", "number", "count", "days", "years"})


def _amount(example: Example, expected: Any) -> Any:
    """Return the amount expected if a notice may state it, and nothing a cent off."""
    owed: dict[str, int] = {}
    paid = 0
    for each in example.said.entries:
        if _COUNTS & set(each.words):
            continue
        for number, value in enumerate(
            each.value if isinstance(each.value, list) else [each.value]
        ):
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            cents = round(value * 100)
            if any(word.startswith(_PAID) for word in each.words):
                paid += cents
            else:
                owed["_".join((*each.words, str(number)))] = cents
    wanted = round(float(expected) * 100)
    stated = [
        cents
        for cents in (wanted - 1, wanted, wanted + 1)
        if _may_state(example, NoticeAmounts(owed_on_date=owed, payments=paid, stated_now=cents))
    ]
    return expected if stated == [wanted] else [cents / 100 for cents in stated]


def _may_state(example: Example, amounts: NoticeAmounts) -> bool:
    notice = replace(specimens.notice(example.book), amounts=amounts)
    checked = example.check(
        Message(
            channel="letter", document="validation_notice", notice=notice, form=specimens.form()
        )
    )
    return "validation-amounts" not in checked.rules


def _deemed(example: Example, expected: Any) -> bool:
    form = example.message().form
    # Only what the law deems accurate is, whatever somebody says of it.
    return form is not None and translated_notice.is_accurate(
        replace(form, is_translation_accurate=None)
    )


def _names(example: Example, expected: Any) -> Any:
    """Return what the law calls each name that a notice shows, and the name; a flagged one not."""
    found = [{kind: name} if kind else {} for kind, name in _kinds(example)]
    return found if isinstance(expected, list) else found[0]


def _marks_alone(example: Example, expected: Any) -> list[Any]:
    """Return the marks of an envelope that may each be on one."""
    listed = next((each for each in example.given.values() if isinstance(each, list)), [])
    return [each for each in listed if _is_permitted(replace(example, given={"envelope": [each]}))]


def _marks_barred(example: Example, expected: Any) -> list[Any]:
    good = _marks_alone(example, expected)
    listed = next((each for each in example.given.values() if isinstance(each, list)), [])
    return [each for each in listed if each not in good]


def _named(kind: str) -> Callable[[Example, Any], str]:
    """Return what answers which of the names shown is of that kind."""

    def answer(example: Example, expected: Any) -> str:
        return next((name for found, name in _kinds(example) if found == kind), "none")

    return answer


def _kind(example: Example, expected: Any) -> Any:
    kinds = [kind or "none" for kind, _ in _kinds(example)]
    return kinds if isinstance(expected, list) else kinds[0]


def _kinds(example: Example) -> list[tuple[str | None, str]]:
    terms = example.book.federal("associated-names")
    told = {key: value for key, value in example.given.items() if key not in _NO_NAMES}
    return [
        (associated_names.kind_of(terms, each), each.name)
        for each in associated.names_of(told) or associated.names_told(told)
    ]


_NO_NAMES = frozenset({"default_tz", "rule", "issuer", "creditor"})


def _safe_harbor(example: Example, expected: Any) -> bool:
    """Tell whether a form, or a way of sending, is beyond doubt."""
    message = example.message()
    if message.form is None and message.sending is not None:
        checked = example.check(message)
        return "sending-standard" not in (*checked.rules, *checked.flags)
    return message.form is not None and validation_form.has_safe_harbor(message.form)


def _factors(example: Example, expected: Any) -> Any:
    sending = example.message().sending
    found = sending_standard.factors(sending) if sending else frozenset()
    return len(found) if isinstance(expected, int) else sorted(found)


def _sending_told(example: Example) -> Message:
    """Return how a disclosure was sent, by a timeline of what was sent and what came back."""
    return messages.message_of(example.given, example.when, "sending", example.book)


def _sent_properly(example: Example, expected: Any) -> bool:
    sent = _sending_told(example)
    return sent.sending is not None and "sending-standard" not in example.check(sent).rules


def _action(example: Example, expected: Any) -> Any:
    explained = " ".join(example.check(_sending_told(example)).explanations)
    return "resend" if "must be sent again" in explained else None


def _permitted(example: Example, expected: Any) -> Any:
    if expected in ("all", "none"):
        alone = itemwise.each_of_one_list(example.given)
        good = [each for each in alone if _is_permitted(replace(example, given=each))]
        return {len(alone): "all", 0: "none"}.get(len(good), len(good))
    return _is_permitted(example)


def _is_permitted(example: Example) -> bool:
    checked = example.check(example.message())
    return checked.verdict == "permit" and "associated-names" not in checked.flags


def _required_language(example: Example, expected: Any) -> str:
    """Return the language that the disclosure must be in: that of the rest of the message."""
    message = example.message()
    good = [
        code
        for code, text in specimens.DISCLOSURES.items()
        if (checked := example.check(replace(message, text=text))).verdict == "permit"
        and "language-unread" not in checked.flags
    ]
    code = messages.CODES.get(str(expected).lower())
    # Of a language without a disclosure at hand: none in another language will do.
    is_meant = good == [code] or (not good and code not in specimens.DISCLOSURES and bool(code))
    return str(expected) if is_meant else ", ".join(good)


def _languages(example: Example, expected: Any) -> Any:
    """Return, for each communication, the languages that its disclosure must be in."""
    return [
        [
            each
            for each in _listed(told.get("languages", told.get("language", "en")))
            if _required_language(_in(example, each), each) == each
        ]
        for told in _communications(example) or _told_in_words(example)
    ]


def _told_in_words(example: Example) -> list[dict[str, Any]]:
    """Return communications told as a list of words, by the languages that the words name."""
    listed = next((each for each in example.given.values() if isinstance(each, list)), [])
    return [
        {"languages": sorted(messages.CODES.keys() & set(vocabulary.words(each)))}
        for each in listed
    ]


def _in(example: Example, language: str) -> Example:
    return replace(example, given={"language": language})


ANSWERS: dict[str, Callable[[Example, Any], Any]] = {
    "languages": _languages,
    "required_language": _required_language,
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
    "prohibited": _barred,
    "frequency_ok": _frequency_ok,
    "qualifies": _qualifies,
    "must_be_consistent": _is_bound,
    "consistent": _is_bound,
    "ok": _forms_ok,
    "not_ok": _dates_not_ok,
    "kind": _kind,
    "names": _names,
    "not_covered": _marks_alone,
    "covered": _marks_barred,
    **{kind: _named(kind) for kind in associated.KINDS},
    "reason": _reason,
    "amount": _amount,
    "deemed": _deemed,
    "safe_harbor": _safe_harbor,
    "valid": _permitted,
    "acceptable": _permitted,
    "compliant": _permitted,
    "complies": _permitted,
    "satisfied": _permitted,
    "sufficient": _permitted,
    "allowed": _permitted,
    "permitted": _permitted,
    "factors_met": _factors,
    "sent_properly": _sent_properly,
    "action": _action,
}


def _answer_of(key: str) -> Callable[[Example, Any], Any] | None:
    known = asked.answer_to(ANSWERS, key)
    if known is not None:
        return known
    words = vocabulary.words(key)
    if words[:1] == ["violates"]:
        cited = "".join(words[1:])
        return lambda example, expected: any(
            re.sub(r"[^a-z0-9]", "", each.lower()).endswith(cited)
            for each in paragraphs(example.findings())
        )
    return asked.nearest(ANSWERS, key)
