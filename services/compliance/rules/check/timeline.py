"""The events of a timeline, told apart by the words of their names."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import (
    attorneys,
    consents,
    givens,
    moments,
    provenance,
    statements,
    vocabulary,
    writing,
)
from services.compliance.rules.check.story import CONSUMER, Story, Told
from services.compliance.rules.facts import Channel
from shared.kernel.records import replace

SAYINGS = (
    "says", "consumer_says", "consumer_said", "said", "note", "notes", "asks", "requests",
    "consumer_asks", "consumer_requests", "statement",
)  # fmt: skip
"""Keys whose values are what somebody said."""
_PERSON_KEYS = ("person", "from", "to_person")


def apply(story: Story, *, by_collector: str | None) -> None:
    """Read the timeline; attempts of another collector than the one asked about do not count."""
    before: datetime | None = None
    for item in story.given.get("timeline") or []:
        if "at" in item:
            at = moments.instant(item["at"], story.where)
        else:
            at = before + timedelta(seconds=1) if before else story.anchor
        before = at
        _read(story, item, at, by_collector)


def _read(story: Story, item: dict[str, Any], at: datetime, by_collector: str | None) -> None:
    said = set(vocabulary.words(item.get("ev", "")))
    if provenance.is_read_there(story, item):
        return
    is_ours = by_collector is None or item.get("by", by_collector) == by_collector
    for is_meant, read in _READERS:
        if is_meant(said):
            if is_ours or read not in (_calls, _sent):
                read(story, item, at, said)
            break
    if "employer" in said and "consumer" not in said:
        return  # not the person's own words
    if _moved(story, item, at):
        return
    _sayings(story, item, at, said)


_LIVES = frozenset({"live", "lives", "living", "moved", "move", "reside", "am", "in", "now"})


def _moved(story: Story, item: dict[str, Any], at: datetime) -> bool:
    """Read in which zone the consumer turns out to be, with the words that say so."""
    zone = next(
        (value for key, value in item.items() if set(vocabulary.words(key)) & {"tz", "timezone"}),
        None,
    )
    if zone is None:
        return False
    said = " ".join(str(item[key]) for key in SAYINGS if key in item)
    is_stated = bool(_LIVES & set(vocabulary.words(said)))
    story.move(at, str(zone), "consumer_statement" if is_stated else "actual_location")
    return True


_CALLS = frozenset({"call", "calls", "voicemail", "voicemails"})
_MADE = frozenset(
    {"placed", "made", "attempted", "left", "dialed", "unanswered", "leave", "leaves", "leaving",
     "place", "places", "make", "makes", "dials"}
)  # fmt: skip


def _calls(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    person = str(item.get("person", story.given.get("person", CONSUMER)))
    is_talk = vocabulary.is_conversation(item)
    named = item.get("debts", item.get("counted_to", item.get("about")))
    raised = _raised(story, item)
    discussed = story.accounts(_discussed(item, story)) if is_talk else ()
    accounts = story.accounts(named) if named else raised or discussed
    outcome = "voicemail_left" if "left" in said else item.get("outcome", "unanswered")
    code = "right_party_contact" if is_talk else vocabulary.outcome_of(outcome)
    request = story.request(
        person,
        "call",
        accounts,
        item.get("number"),
        purpose=vocabulary.purpose_of(item.get("purpose")),
    )
    for each in _instants(story, item, at):
        story.make(each, request, code, discussed=discussed, raised=raised)


def _discussed(item: dict[str, Any], story: Story) -> list[str]:
    """Return the debts talked of: those said to be, or whatever either side brought up."""
    if "discussed" in item:
        listed = item["discussed"] or []
        return listed if isinstance(listed, list) else [listed]
    return [debt for debt, _ in _brought_up(item, story)]


def _brought_up(item: dict[str, Any], story: Story) -> list[tuple[str, bool]]:
    """Return each debt that either side brought up, and whether the collector did."""
    found: list[tuple[str, bool]] = []
    for key, value in item.items():
        words = set(vocabulary.words(key))
        if not _BROUGHT_UP & words or _BY_NOBODY & words:
            continue
        if isinstance(value, dict):
            for one, other in value.items():
                if str(one) in story.debts:
                    found.append((str(one), _is_ours(other)))
                else:
                    found += [(each, _is_ours(one)) for each in _debts_in(other, story)]
        else:
            found += [(each, _is_ours(key)) for each in _debts_in(value, story)]
    return list(dict.fromkeys(found))


def _is_ours(said: object) -> bool:
    return bool(set(vocabulary.words(said)) & _OURSELVES)


_BROUGHT_UP = frozenset(
    {"raised", "raises", "initiated", "initiates", "introduced", "introduces", "brought",
     "broached", "began", "begun", "begins", "started", "starts", "opened", "turned", "turns"}
)  # fmt: skip
_BY_NOBODY = frozenset({"not", "never", "neither"})


def _debts_in(value: Any, story: Story) -> list[str]:
    """Return the debts that a value names: one, several, or none of them."""
    listed = value if isinstance(value, list) else [value]
    return [str(each) for each in listed if not isinstance(each, dict) and str(each) in story.debts]


def _raised(story: Story, item: dict[str, Any]) -> tuple[str, ...]:
    """Return the debts the collector brought up, where an example tells."""
    for key in ("raised_by_collector", "raised", "initiated_about", "conversation_initiated_about"):
        if key in item:
            return story.accounts(item[key])
    return story.accounts([debt for debt, is_ours in _brought_up(item, story) if is_ours])


_OURSELVES = frozenset({"collector", "collectors", "we", "us", "caller", "agent"})


def _instants(story: Story, item: dict[str, Any], at: datetime) -> list[datetime]:
    dates = moments.dates_of(item.get("period", ""))
    count = int(item.get("count", 1))
    if dates:
        count = int(item.get("per_day", 0)) * len(dates) or int(item.get("count", len(dates)))
        return moments.spread(count, dates, story.where)
    return [at + timedelta(seconds=number) for number in range(count)]


def _sent(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    doc = item.get("doc", item.get("ev"))
    answers(story, at, vocabulary.purpose_of(doc, item.get("purpose")))
    channel = vocabulary.channel_of(item["ev"])
    if channel is None or channel == "portal":
        return
    person = str(item.get("person", CONSUMER))
    request = story.request(
        person,
        channel,
        story.accounts(item.get("debts") or []),
        item.get("to", item.get("address")),
        purpose=vocabulary.purpose_of(doc, item.get("purpose")),
    )
    outcome = {"email": "email_sent", "letter": "letter_sent", "text": "text_sent"}
    for each in _instants(story, item, at):
        story.make(each, request, outcome.get(channel, "no_answer"))


def answers(story: Story, at: datetime, purpose: str) -> None:
    """Let what was sent answer the request or dispute it is meant for."""
    if purpose == "original_creditor_name_and_address":
        story.change(at, "original-creditor", answered=True)
    elif purpose in ("dispute_verification", "dispute_judgment_copy", "duplicative_dispute_notice"):
        story.change(at, "dispute", answered=True)


def _cease(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    if said & {"mailed", "sent", "posted", "written"} and "received" not in said:
        return  # a notice works on receipt
    accounts = story.accounts(item.get("debts", item.get("identifies", [])) or [])
    medium = item.get("medium", item.get("via", "letter"))
    if item.get("oral") or set(vocabulary.words(medium)) & writing.SPOKEN:
        story.tell(at, "oral-stop", facts.OralStop(received_at=at, account_ids=accounts))
    elif writing.is_written(story.given, medium):
        story.tell(at, "cease", facts.CeaseNotice(received_at=at, account_ids=accounts))


def _notice(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    """Read a notice that came in: one that says its writer will not pay, or wants no contact."""
    if _ends_all(item):
        _cease(story, item, at, said)


def _consent(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    if consents.read(story, item, at):
        return
    if said & {"revoked", "withdrawn", "withdraws", "revokes", "ended"}:
        story.change(at, "consent", withdrawn_at=at)
    elif str(item.get("to", "this_collector")) not in ("creditor", "prior_collector"):
        last = moments.dates_of(item.get("until", item.get("through", "")))
        statements.consent(story, at, first_last=(story.today(at), last[-1]) if last else None)


def _dispute(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    account = story.accounts(item.get("debts", item.get("debt")) or []) or story.default_account()
    medium = str(item.get("medium", "letter"))
    is_written = item.get("writing", item.get("in_writing", medium not in _SPOKEN))
    if said & {"mailed", "posted"} and "received" not in said:
        return  # it counts on receipt; when it was posted says whether it came in time
    timely = item.get("within_validation_period", _is_posted_in_time(story))
    if "creditor" in said:
        story.tell(
            at,
            "original-creditor",
            facts.OriginalCreditorRequest(
                account_id=account[0],
                in_writing=bool(is_written),
                received_at=at,
                timely=timely,
                answered=bool(item.get("answered")),
            ),
        )
        return
    portion = item.get("portion", item.get("disputed_portion"))
    story.tell(
        at,
        "dispute",
        facts.Dispute(
            account_id=account[0],
            in_writing=bool(is_written),
            received_at=at,
            timely=timely,
            disputed_amount=None if portion is None else int(portion),
            answered=bool(item.get("answered")),
        ),
    )


def _is_posted_in_time(story: Story) -> bool | None:
    """Tell whether a letter that takes the post's time was sent within the validation period."""
    ends = moments.dates_of(story.given.get("validation_end_date"))
    for item in story.given.get("timeline") or []:
        words = set(vocabulary.words(item.get("ev", "")))
        if (
            ends
            and "at" in item
            and words & {"mailed", "posted"}
            and words & {"dispute", "request"}
        ):
            return story.today(moments.instant(item["at"], story.where)) <= ends[-1]
    return None


_WRITTEN = frozenset({"letter", "mail", "email", "text", "sms", "written", "portal"})
_SPOKEN = frozenset({"oral", "telephone", "call", "phone", "in_person"})


def _ends_all(item: dict[str, Any]) -> bool:
    """Tell whether a request also says that its writer will not pay, or wants no contact at all."""
    return any(
        value is True
        and (
            {"refuses", "pay"} <= words
            or {"not", "pay"} <= words
            or {"refusal", "pay"} <= words
            or ("all" in words and words & {"stop", "stopped", "contact", "communication", "cease"})
            or "cease" in words
        )
        for key, value in item.items()
        for words in [set(vocabulary.words(key))]
    )


def _opt_out(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    person = str(item.get("person", item.get("from", CONSUMER)))
    person = person if person in story.persons else CONSUMER
    named = [item[key] for key in ("number", "address") if key in item]
    for key in ("numbers", "addresses", "emails"):
        named += item.get(key) or []
    said_medium = vocabulary.medium_in(str(item.get("ev", ""))) or "call"
    scope = item.get("scope", item.get("medium", said_medium))
    if str(scope) in ("medium", "channel") and "medium" in item:
        scope = item["medium"]  # the kind of scope is told apart from what it is
    for each in named or [None]:
        givens.opt_out(story, at, str(scope), each, person)
    if _ends_all(item):
        _cease(story, {**item, "medium": item.get("medium", "email")}, at, {"cease"})


def _employers(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    """Read what the employer says, or what is said of it, as a prohibition where it is one."""
    text = " ".join(f"{key} {value}" for key, value in item.items() if value is not False)
    if statements.is_prohibited(text.lower().replace("_", " ")):
        story.tell(at, "employer", facts.EmployerProhibition(received_at=at))


def _is_anothers(said: set[str]) -> bool:
    """Tell whether an event is that a number turned out to be somebody else's."""
    return "number" in said and bool(
        said & {"not", "belongs", "else", "elses", "another", "anothers", "other", "stranger"}
    )


def _wrong_number(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    label = item.get("number", item.get("address"))
    point = story.point("call", label, str(item.get("person", CONSUMER)))
    story.tell(
        at,
        f"wrong-{label}",
        facts.WrongNumber(contact_point_id=point or "", learned_at=at),
    )


def _inbound(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    channel = vocabulary.channel_of(item["ev"])
    person = next((str(item[key]) for key in _PERSON_KEYS if key in item), CONSUMER)
    person = person if person in story.persons or len(person) == 2 else CONSUMER
    party_id = None if person == CONSUMER else story.party(person)
    label = item.get("number", item.get("address"))
    point = None if label is None else story.point(channel or "call", label, person)
    until = moments.instant(item["until"], story.where) if "until" in item else None
    for number in range(int(item.get("count", 1))):
        key = f"inbound-{at.isoformat()}-{number}"
        story.tell(
            at,
            key,
            facts.InboundMessage(
                message_id=story.name("inb", key),
                channel=channel or "letter",
                received_at=at,
                contact_point_id=point,
                until=until,
                party_id=party_id,
            ),
        )
    if channel == "call" and vocabulary.is_conversation(item):
        named = item.get("discussed", item.get("debts", item.get("about"))) or []
        story.tell(
            at,
            f"inbound-call-{at.isoformat()}",
            facts.InboundCall(
                started_at=at,
                ended_at=until or at,
                is_conversation=True,
                account_ids=story.accounts(named) or story.default_account(),
                contact_point_id=point,
                party_id=party_id,
            ),
        )


def _sayings(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    person = str(item.get("person", CONSUMER))
    if story.persons.get(person) == "third_party":
        return  # nobody else speaks for the consumer
    before = len(story.steps)
    _words_said(story, item, at, said)
    if person != CONSUMER and person in story.persons:
        _let_bind(story, before, story.party(person))


def _let_bind(story: Story, since: int, party_id: str) -> None:
    """Let what was just said hold of the person who said it, and of nobody else."""
    for number, step in enumerate(story.steps[since:], start=since):
        if isinstance(step, Told) and getattr(step.fact, "party_id", party_id) is None:
            fact = replace(step.fact, party_id=party_id)
            story.steps[number] = replace(step, fact=fact)


def _words_said(story: Story, item: dict[str, Any], at: datetime, said: set[str]) -> None:
    for key, value in item.items():
        words = set(vocabulary.words(key))
        if words & {"not", "no"} and words & {"use", "by", "contact", "through"}:
            medium = vocabulary.medium_in(value) if isinstance(value, str) else None
            if medium is not None:
                statements.opt_out(story, at, medium, None)
    is_follow_up = {"follow", "up"} <= said
    for key in SAYINGS:
        if isinstance(item.get(key), str):
            is_in_our_call = bool(said & _CALLS and said & _MADE)
            statements.allow_times(story, at, item[key], is_in_our_call=is_in_our_call)
            statements.hear(
                story,
                at,
                item[key],
                written_through=_written_through(story, item, said),
                about="convenient_times"
                if is_follow_up
                else "inconvenient_times"
                if "inconvenient" in said
                else "anything",
                named=item.get("number", item.get("address")),
            )
    if "received" in said and said & (_WRITTEN | {"message"}) and _ends_all(item):
        medium = vocabulary.channel_of(item.get("ev", "")) or "letter"
        _cease(story, {"medium": medium, **item}, at, said)
    for key, value in item.items():
        if isinstance(value, str) and any(w.startswith("clarif") for w in vocabulary.words(key)):
            statements.clarify(story, at, value)


def _written_through(story: Story, item: dict[str, Any], said: set[str]) -> Channel | None:
    """Return the medium of words that came in writing, through one that is accepted."""
    medium = item.get("medium", item.get("ev", ""))
    if not said & _WRITTEN or not writing.is_written(story.given, medium):
        return None
    return vocabulary.channel_of(item.get("ev", ""))


_CAME_IN = frozenset(
    {"received", "inbound", "portal", "session", "visit", "visits", "visited", "navigates",
     "browses", "login", "logs", "opened", "uses"}
)  # fmt: skip

_Reader = Callable[[Story, dict[str, Any], datetime, set[str]], None]

# The first that fits reads the event; what nobody reads only explains.
_READERS: tuple[tuple[Callable[[set[str]], bool], _Reader], ...] = (
    (lambda said: bool(said & _CALLS and said & _MADE), _calls),
    (lambda said: "sent" in said and not said & {"cease", "dispute"}, _sent),
    (lambda said: bool(said & {"opt", "optout", "unsubscribe", "unsubscribed"}), _opt_out),
    (lambda said: "cease" in said, _cease),
    (lambda said: {"notice", "received"} <= said, _notice),
    (lambda said: "consent" in said, _consent),
    (lambda said: "dispute" in said or {"original", "creditor", "request"} <= said, _dispute),
    (lambda said: bool(attorneys.OF_ATTORNEYS.search(" ".join(said))), attorneys.read),
    (lambda said: "employer" in said, _employers),
    (
        lambda said: bool(said & {"wrong", "misdirected"}) or _is_anothers(said),
        _wrong_number,
    ),
    (
        lambda said: (
            bool(said & _CAME_IN) and vocabulary.channel_of(" ".join(sorted(said))) is not None
        ),
        _inbound,
    ),
)
