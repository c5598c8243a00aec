"""The keys of `given` that state a fact outright, undated or with a date of their own."""

from datetime import datetime, timedelta
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import (
    attorneys,
    moments,
    phrases,
    statements,
    vocabulary,
    writing,
)
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.request import ContactRequest
from shared.kernel.records import replace


def apply(story: Story, reference: datetime) -> None:
    """Read every key of `given` but the timeline; `reference` is when the acts take place."""
    given = story.given
    _people(story)
    _times_and_places(story)
    attorneys.apply(story)
    _cease_notices(story)
    _stops(story)
    _consents(story)
    _disputes(story)
    for key, said in given.items():
        if key in _TELEPHONES:
            for label in said if isinstance(said, list) else [said]:
                story.point("call", label, CONSUMER)
    _calls(story, reference)


_LIVING = frozenset({"reside", "resides", "live", "lives", "residence", "residing", "living"})
_GONE = frozenset({"not", "longer", "never", "elsewhere", "moved"})


_OTHER = frozenset({"new", "other", "current", "different", "second"})


_TELEPHONES = ("mobiles", "mobile", "landlines", "landline", "phones", "telephone_numbers")


def tell_left(story: Story, requests: list[tuple[ContactRequest, object]]) -> None:
    """Let the person be known not to live where letters go, unless to another address by name."""
    if not _lives_elsewhere(story.given) and not _came_back(story.given):
        return
    for request, label in requests:
        if request.channel == "letter" and not set(vocabulary.words(label)) & _OTHER:
            left = facts.WrongNumber(
                contact_point_id=request.contact_point_id or "", learned_at=story.start
            )
            story.tell(story.start, f"left-{request.contact_point_id}", left)


def _came_back(given: dict[str, Any]) -> bool:
    """Tell whether mail came back last, where an example is about how to send what is required."""
    if given.get("rule") != "REGF-SENDING":
        return False
    events = [set(vocabulary.words(each.get("ev", ""))) for each in given.get("timeline") or []]
    return bool(events) and bool(events[-1] & {"returned", "undeliverable"})


def _lives_elsewhere(given: dict[str, Any]) -> bool:
    """Tell whether it is known that the person does not live at the address."""
    for key, value in given.items():
        words = set(vocabulary.words(key))
        if not isinstance(value, bool) or not (words & _LIVING or "moved" in words):
            continue
        if value == bool(words & _GONE):
            return True
    return False


def _people(story: Story) -> None:
    for key in ("obligors", "persons"):
        listed = story.given.get(key)
        for label, said in listed.items() if isinstance(listed, dict) else ():
            story.add_person(str(label), said)
    for label, said in story.given.items():
        if _is_person(label) and isinstance(said, str):
            story.add_person(label, said)


def _times_and_places(story: Story) -> None:
    given, at = story.given, story.start
    said = next(
        (given[key] for key in ("inconvenient", "inconvenient_times", "inconvenient_time")
         if key in given),
        None,
    )  # fmt: skip
    windows: list[facts.WeeklyWindow] = []
    if said is not None:
        for phrase in said if isinstance(said, list) else [said]:
            windows += phrases.windows_of(_phrase(phrase), year=story.today(at).year)
    for key, value in given.items():
        if "convenient" in vocabulary.words(key) and isinstance(value, str):
            windows += phrases.windows_of(value, year=story.today(at).year, means_convenient=True)
    if given.get("inconvenient_time_now"):
        windows += phrases.NEVER_CONVENIENT
    if windows:
        story.tell(at, "times", facts.InconvenientTime(windows=tuple(windows), received_at=at))
    for place in given.get("inconvenient_places", []):
        statements.hear(story, at, f"do not contact me at {place}")
    if given.get("employer_prohibits"):
        story.tell(at, "employer", facts.EmployerProhibition(received_at=at))


def _phrase(said: Any) -> str:
    """Return a time in words, where it is told by its parts: days, from, until."""
    if not isinstance(said, dict):
        return str(said)
    days: Any = next((said[key] for key in ("days", "weekdays", "day") if key in said), [])
    first, last = (said.get(key, "") for key in ("from", "until"))
    named = " ".join(map(str, days if isinstance(days, list) else [days]))
    return f"{named} {first}-{said.get('to', last)}" if first else named


def _stops(story: Story) -> None:
    given, at = story.given, story.start
    if given.get("cease_active"):
        story.tell(at, "cease", facts.CeaseNotice(received_at=at))
    for key in ("cease_received", "cease_notice_received"):
        if key in given:
            received_at = moments.instant(given[key], story.where)
            story.tell(received_at, "cease", facts.CeaseNotice(received_at=received_at))
    if "cease_notice_identifies" in given:
        accounts = story.accounts(given["cease_notice_identifies"])
        story.tell(at, "cease", facts.CeaseNotice(received_at=at, account_ids=accounts))
    if "oral_request" in given:
        statements.hear(story, at, str(given["oral_request"]))
    if "written_request" in given:
        statements.hear(story, at, str(given["written_request"]), written_through="letter")
    for key in ("opted_out", "opt_out", "opted_out_of", "opt_outs"):
        said = given.get(key)
        if isinstance(said, dict):
            _opted_out_on(story, said)
            continue
        listed = said if isinstance(said, list) else [said] if said else []
        for each in listed if said not in ("none", "no", "nothing") else []:
            opt_out(story, at, str(each), None)


def _opted_out_on(story: Story, said: dict[str, Any]) -> None:
    """Read opt-outs by what they are of, each with its date."""
    for scope, when in said.items():
        if moments.dates_of(when) or isinstance(when, datetime):
            opt_out(story, moments.instant(when, story.where), str(scope), None)


def _cease_notices(story: Story) -> None:
    given = story.given
    for key in ("cease_notice", "cease_request", "notice", "request", "message", "submission",
                "notification"):  # fmt: skip
        if isinstance(given.get(key), dict) and str(given.get("rule")).startswith("REGF-CEASE"):
            _cease_notice(story, story.start, given[key])


def _cease_notice(story: Story, at: datetime, said: dict[str, Any]) -> None:
    """Read a notice told by its parts: in writing unless it was spoken."""
    medium = next((said[key] for key in _THROUGH if key in said), "letter")
    received_at = moments.instant(said["received"], story.where) if "received" in said else at
    if set(vocabulary.words(medium)) & writing.SPOKEN or said.get("oral"):
        story.tell(received_at, "oral-stop", facts.OralStop(received_at=received_at))
    elif writing.is_written(story.given, medium) and statements.ends_contact(_words_of(said)):
        story.tell(received_at, "cease", facts.CeaseNotice(received_at=received_at))


_THROUGH = ("medium", "via", "through", "channel", "sent_by", "by", "form")


def _words_of(said: dict[str, Any]) -> str | None:
    """Return the words of a notice, where they are told."""
    return next(
        (str(said[key]) for key in ("says", "text", "wording", "content") if key in said), None
    )


def opt_out(story: Story, at: datetime, scope: str, named: object, person: str = CONSUMER) -> None:
    """Read the scope of an opt-out: a medium, an address, or a medium at an address."""
    medium, _, target = scope.partition("_to_")
    point = str(named) if named else (scope if "@" in scope else target)
    channel = vocabulary.medium_in(medium)
    if point:
        said_medium = None if "@" in scope or not target else channel
        statements.opt_out(story, at, said_medium, story.point_by_label(point), person)
    elif channel is not None:
        statements.opt_out(story, at, channel, None, person)
    else:
        statements.opt_out(story, at, None, story.point_by_label(scope), person)


def _consents(story: Story) -> None:
    given = story.given
    said = given.get("consent_received", given.get("consent_at"))
    if any(
        (key == "given_to" or {"consent", "to"} <= set(vocabulary.words(key)))
        and set(vocabulary.words(value)) & {"creditor", "prior", "previous"}
        for key, value in given.items()
    ):
        return  # consent given to somebody else is none (comment 6(b)(4)(i)-2)
    if said is not None:
        at = moments.instant(said, story.where)
        statements.consent(
            story, at, first_last=statements.consented_dates(story, at, _terms(given))
        )
    elif given.get("consent_to_extra_calls"):
        statements.consent(story, story.anchor)
    if "revoked" in given and given["revoked"]:
        at = moments.instant(given["revoked"], story.where)
        story.change(at, "consent", withdrawn_at=at)


def _terms(given: dict[str, Any]) -> str:
    """Return what an example says of how long a consent is to hold."""
    return " ".join(
        f"{' '.join(vocabulary.words(key))} {value}".replace("consented", "").replace("consent", "")
        for key, value in given.items()
        if {"consent", "consented"} & set(vocabulary.words(key))
        and set(vocabulary.words(key)) & {"terms", "period", "for", "until", "through", "days",
                                          "duration", "scope", "ends", "limited", "to"}
    )  # fmt: skip


def _disputes(story: Story) -> None:
    given, at = story.given, story.start
    for key in ("validation_end_date", "validation_end_date_on_notice", "validation_period_ends"):
        if key in given:
            (account,) = story.default_account()
            ends_on = moments.instant(given[key], story.where).astimezone(story.where).date()
            story.tell(
                at,
                "validation",
                facts.ValidationPeriodEnd(account_id=account, ends_on=ends_on),
            )
    dispute = given.get("dispute")
    debt = given.get("debt") if isinstance(given.get("debt"), dict) else {}
    if isinstance(dispute, dict) or given.get("duplicative"):
        said: dict[str, Any] = dispute if isinstance(dispute, dict) else {"in_writing": True}
        (account,) = story.default_account()
        portion = said.get("portion", (debt or {}).get("disputed_portion"))
        received = said.get("received", said.get("received_at", said.get("at")))
        is_dated = received is not None and story.latest("validation") is not None
        story.tell(
            at,
            "dispute",
            facts.Dispute(
                account_id=account,
                in_writing=bool(said.get("in_writing", said.get("writing", True))),
                received_at=moments.instant(received, story.where) if is_dated else at,
                timely=said.get("within_validation_period", None if is_dated else True),
                disputed_amount=None if portion is None else int(portion),
                answered=bool(said.get("answered")) or _is_answered(given),
            ),
        )


def _is_answered(given: dict[str, Any]) -> bool:
    if given.get("verification_sent") or given.get("judgment_copy_sent"):
        return True
    notice = given.get("notice")
    return isinstance(notice, dict) and bool(notice) and all(notice.values())


# -- calls told in figures ------------------------------------------------------------------------


def _calls(story: Story, reference: datetime) -> None:
    given = story.given
    days = moments.last_days(story.today(reference))
    dates = moments.dates_of(given["window"]) if "window" in given else None
    person = str(given.get("person", CONSUMER))
    for key, said in given.items():
        if key == "calls" and isinstance(said, dict):
            for what, how_many in said.items():
                _figure(story, what, how_many, dates or days, person)
        elif _is_count_of_calls(key, said):
            over = moments.dates_of(given.get("period", "")) or dates or days
            outcome = vocabulary.outcome_of(key)
            _place_calls(story, said, over, story.request(person, "call", ()), outcome)
        elif key == "calls_in_7_days" and isinstance(said, dict):
            for what, count in said.items():
                if isinstance(count, dict):
                    _figure(story, what, count, days, person)
                else:
                    _place_calls(story, count, days, story.request(person, "call", ()))
        elif key == "calls_to" and isinstance(said, dict):
            for label, count in said.items():
                story.add_person(str(label), label)
                _place_calls(story, count, days, story.request(str(label), "call", ()))


_OTHER_COUNTS = frozenset(
    {"to", "total", "received", "inbound", "work", "workplace", "prerecorded", "max", "limit",
     "recorded", "week", "month", "from"}
)  # fmt: skip


def _is_count_of_calls(key: object, said: object) -> bool:
    """Tell whether a key counts calls of ours to the person, told nowhere else."""
    words = set(vocabulary.words(key))
    is_count = isinstance(said, int) and not isinstance(said, bool)
    return is_count and "calls" in words and not words & _OTHER_COUNTS


def _figure(
    story: Story, what: object, how_many: Any, days: Any, person: str, debts: object = ()
) -> None:
    """Read one entry of `calls`: by date or period, by person, by debt, or by number."""
    label, number = str(what), None
    if (dates := moments.dates_of(what)) is not None:
        days = dates
    elif label in story.debts:
        debts = label
    elif label in story.persons or _is_person(label):
        person = label
    else:
        number = label
    if isinstance(how_many, dict):
        for each, count in how_many.items():
            _figure(story, each, count, days, person, debts)
    else:
        accounts = story.accounts(debts)
        _place_calls(story, how_many, days, story.request(person, "call", accounts, number))


def _place_calls(
    story: Story, count: int, dates: Any, request: ContactRequest, outcome: str = "no_answer"
) -> None:
    for at in moments.spread(count, dates, story.where):
        story.make(at, request, outcome)


def _is_person(label: str) -> bool:
    return len(label) == 2 and label[0] in "PST" and label[1].isdigit()


def refresh_texts(story: Story, at: datetime) -> facts.MessageConsent:
    """Return a consent to texts as fresh as an example takes it to be."""
    fresh = facts.MessageConsent(
        medium="text", procedure="direct_consent", given_at=at - timedelta(days=1)
    )
    return replace(fresh, confirmed_at=at)
