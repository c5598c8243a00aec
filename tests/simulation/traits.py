"""What may be special about somebody, and how the agency comes to know of it.

Each trait is what is told, when: to contact or disputes in the words of their own routes, or to
compliance from the agency's files. Days are chosen so that what a law waits for ends, or begins,
while the world lasts.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from shared.kernel.records import record
from tests.simulation.subject import Subject

HOUR = timedelta(hours=1)
OWED_MINOR = 10_000


@record
class Told:
    """Something told at an instant: a fact for the files, its end, or a request to a service."""

    at: datetime
    key: str = ""
    fact: dict[str, Any] | None = None
    path: str = ""
    body: dict[str, Any] = {}


Trait = Callable[[Subject, datetime], Iterable[Told]]


def filed(subject: Subject, at: datetime, kind: str, /, **fact: Any) -> Told:
    """Put a fact into the agency's files."""
    return Told(at=at, key=subject.ids.new("file"), fact={"kind": kind, **_text(fact)})


def said(subject: Subject, at: datetime, kind: str, /, **body: Any) -> Told:
    """Tell contact what the person has said."""
    path = f"/v1/consumers/{subject.consumer_id}/statements"
    return Told(at=at, path=path, body={"kind": kind, **_text(body)})


def _text(body: dict[str, Any]) -> dict[str, Any]:
    """Write instants and dates, and leave out what is not known."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in body.items()
        if value is not None
    }


def basis(subject: Subject, texts_by: str | None) -> Iterable[Told]:
    """Yield what makes contact lawful to begin with; texts too, if a procedure opens their way."""
    begins = subject.begins
    if texts_by is not None:
        yield filed(
            subject,
            begins,
            "message-consent",
            medium="text",
            procedure=texts_by,
            given_at=begins - timedelta(days=20),
            contact_point_id=subject.point("phone", "mobile"),
        )
    yield filed(subject, begins, "residence", district="D-1")


# ------------------------------------------------------------------ status of the person


def bankruptcy(subject: Subject, at: datetime) -> Iterable[Told]:
    """Somebody files; now and then the case ends, or part of it is out of the case."""
    chance = subject.chance
    accounts = subject.account_ids
    known = {
        "chapter": chance.one_of((7, 13, 13, None)),
        "filed_on": chance.one_of((at.date(), at.date() - timedelta(days=10), None)),
        "ended_on": chance.one_of((None, None, at.date() + timedelta(days=3))),
        "discharged_on": chance.one_of((None, None, at.date() + timedelta(days=2))),
        "account_ids": chance.one_of(([], [], accounts[:1])),
        "reaffirmed": chance.one_of(([], [], accounts[:1])),
        "postpetition": chance.one_of(([], [], [], accounts[:1])),
        "stay_lifted": chance.one_of(([], [], [], accounts[:1])),
    }
    if chance.happens(0.5):
        yield said(subject, at, "bankruptcy", **known)
        return
    who = chance.one_of((None, None, *subject.parties.values()))
    yield filed(subject, at, "bankruptcy", learned_at=at, party_id=who, **known)


def deceased(subject: Subject, at: datetime) -> Iterable[Told]:
    """The consumer has died, and somebody acts for the estate."""
    yield from with_party(subject, at, "other", relation="estate_representative")
    yield said(subject, at + 6 * HOUR, "consumer_status", status="deceased")


def minor(subject: Subject, at: datetime) -> Iterable[Told]:
    """The consumer is a child, and has a parent."""
    yield from with_party(subject, at, "other", relation="parent")
    yield said(subject, at + 6 * HOUR, "consumer_status", status="minor")


def serves(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person is, or was, in military service."""
    chance = subject.chance
    began = subject.day(-400, 1)
    yield said(
        subject,
        at,
        "military_service",
        started_on=began,
        ended_on=chance.one_of((None, None, began + timedelta(days=100))),
        notice_received_on=chance.one_of((None, began + timedelta(days=30))),
    )


def spouse(subject: Subject, at: datetime) -> Iterable[Told]:
    """There is a spouse."""
    yield from with_party(subject, at, "spouse")


def neighbor(subject: Subject, at: datetime) -> Iterable[Told]:
    """There is somebody who may know where the person is, and now and then may hear of the debt."""
    yield from with_party(subject, at, "third_party")
    if subject.chance.happens(0.4):
        told = [subject.parties["third_party"]]
        yield said(subject, at + HOUR, "prior_consent", lifts=[], third_parties=told)


def professional(subject: Subject, at: datetime) -> Iterable[Told]:
    """There is somebody whom the limits on calls do not protect."""
    role = subject.chance.one_of(("creditor", "creditor_attorney", "consumer_reporting_agency"))
    yield from with_party(subject, at, role)


def with_party(
    subject: Subject, at: datetime, role: str, relation: str | None = None
) -> Iterable[Told]:
    """Put another person with a telephone into the files."""
    party_id, point_id = subject.ids.new("pty"), subject.ids.new("cp")
    subject.parties[relation or role] = party_id
    subject.points[party_id, "phone", "mobile"] = point_id
    yield filed(subject, at, "party-known", party_id=party_id, role=role, relation=relation)
    yield filed(
        subject,
        at,
        "contact-point-known",
        contact_point_id=point_id,
        point_kind="phone",
        label="mobile",
        digest=sha256(point_id.encode()).hexdigest(),
        zones=list(subject.person.lives.zones),
        states=[subject.person.lives.state],
        source="skip_trace",
        party_id=party_id,
    )


# ------------------------------------------------------------------ places and times


def elsewhere(subject: Subject, at: datetime) -> Iterable[Told]:
    """Something shows that the person may be in another state."""
    state, zone = subject.chance.one_of(
        (
            ("MA", "America/New_York"),
            ("WA", "America/Los_Angeles"),
            ("DC", "America/New_York"),
            ("HI", "Pacific/Honolulu"),
            ("AZ", "America/Phoenix"),
            ("GU", "Pacific/Guam"),
        )
    )
    yield filed(
        subject, at, "location-evidence", evidence="skip_trace", zones=[zone], states=[state]
    )


def on_the_way(subject: Subject, at: datetime) -> Iterable[Told]:
    """The agency knows where the person is now, and some time later no more."""
    told = filed(
        subject,
        at,
        "location-evidence",
        evidence="said_so",
        zones=[subject.chance.one_of(("Pacific/Honolulu", "America/Puerto_Rico"))],
        states=[subject.chance.one_of(("HI", "PR"))],
        is_actual=True,
    )
    yield told
    yield Told(at=at + 50 * HOUR, key=told.key)


def nowhere(subject: Subject, at: datetime) -> Iterable[Told]:
    """What shows where the person is makes no sense."""
    zones, states = subject.chance.one_of(
        ((["America/Atlantis"], ["TX"]), ([], ["ZZ"]), (["America/New_York"], ["QQ"]))
    )
    yield filed(subject, at, "location-evidence", evidence="skip_trace", zones=zones, states=states)


def evenings(subject: Subject, at: datetime) -> Iterable[Told]:
    """Some hours do not suit the person."""
    chance = subject.chance
    window: dict[str, Any] = chance.one_of(
        (
            {"from_time": "17:00", "until_time": "10:00"},
            {"from_time": "12:00", "until_time": "15:30"},
            {"weekdays": [at.weekday(), (at.weekday() + 1) % 7]},
            {"first_date": at.date().isoformat()},
            {"until_time": "12:00", "zone": "Pacific/Honolulu"},
        )
    )
    yield said(subject, at, "inconvenient_time", windows=[window])


def not_at_home(subject: Subject, at: datetime) -> Iterable[Told]:
    """Home does not suit the person."""
    yield said(subject, at, "inconvenient_place", place="home")


def not_at_work(subject: Subject, at: datetime) -> Iterable[Told]:
    """Work does not suit the person, or the employer."""
    if subject.chance.happens(0.5):
        yield said(subject, at, "inconvenient_place", place="work")
    else:
        yield said(subject, at, "employer_prohibits")


def lifted(subject: Subject, at: datetime) -> Iterable[Told]:
    """Times or places do not suit, but consent or a court lifts that again, for a while."""
    chance = subject.chance
    yield from chance.one_of((evenings, not_at_home, not_at_work))(subject, at)
    lifts = chance.one_of((["time"], ["place", "workplace"], ["time", "place"], ["attorney"]))
    late = {"from_time": "18:00", "until_time": "23:30"}
    yield said(
        subject,
        at + 3 * HOUR,
        "prior_consent",
        lifts=lifts,
        windows=[late] if lifts == ["time"] and chance.happens(0.5) else [],
        source=chance.one_of(("person", "person", "court")),
        is_lawfully_given=chance.happens(0.8),
        until=chance.one_of((None, at + 60 * HOUR)),
    )


# ------------------------------------------------------------------ stops and disputes


def stops(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person wants it to stop, in writing or not, about one debt or all."""
    chance = subject.chance
    yield said(
        subject,
        at,
        "cease",
        in_writing=chance.happens(0.6),
        medium="letter",
        account_ids=chance.one_of(([], subject.account_ids[:1])),
    )


def represented(subject: Subject, at: datetime) -> Iterable[Told]:
    """An attorney represents the person."""
    accounts = subject.chance.one_of(([], subject.account_ids[:1]))
    yield said(subject, at, "attorney", account_ids=accounts)


def opts_out(subject: Subject, at: datetime) -> Iterable[Told]:
    """One medium, or one address, is not to be used; sometimes that is taken back."""
    chance = subject.chance
    kind, medium = chance.one_of(
        (
            *(("phone", "text"), ("phone", "call"), ("email", "email"), ("address", "letter")),
            *(("address", "in_person"), (None, "social")),
        )
    )
    point = kind and subject.point(kind, "mobile" if medium == "text" else "")
    named = chance.one_of(("medium", "point", "both")) if kind else "medium"
    yield said(
        subject,
        at,
        "opt_out",
        medium=None if named == "point" else medium,
        contact_point_id=None if named == "medium" else point,
    )


def disputes(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person disputes a debt or asks for the creditor; the answer may come."""
    chance = subject.chance
    body = {
        "account_id": subject.account_id,
        "kind": chance.one_of(("dispute", "dispute", "original_creditor_request")),
        "in_writing": chance.happens(0.7),
        "grounds": "other",
        "timely": chance.one_of((None, None, True, False)),
        "disputed_amount_minor": chance.one_of((None, None, 1_000)),
    }
    if body["kind"] == "original_creditor_request":
        body["disputed_amount_minor"] = None
    yield Told(at=at, path="/v1/disputes", body=_text(body))


def substantiates(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person asks for proof of the debt, which may be given."""
    asked = filed(
        subject, at, "substantiation-request", account_id=subject.account_id, received_at=at
    )
    yield asked
    if subject.chance.happens(0.4) and asked.fact is not None:
        proved = {**asked.fact, "is_substantiated": True}
        yield Told(at=at + 50 * HOUR, key=asked.key, fact=proved)


def wrong_number(subject: Subject, at: datetime) -> Iterable[Told]:
    """Late, a number turns out to be another's: its calls do not count."""
    point = subject.point("phone", "work") or subject.point("phone")
    yield said(subject, at, "wrong_number", contact_point_id=point)


def read_by_others(subject: Subject, at: datetime) -> Iterable[Told]:
    """Others have read what was sent, or the address is the employer's."""
    kind = subject.chance.one_of(("third_party_disclosure", "employer_address"))
    point = subject.point("email", "unknown") or subject.point("email")
    yield said(subject, at, kind, contact_point_id=point)


# ------------------------------------------------------------------ consents and messages


def more_calls(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person has agreed to more calls."""
    chance = subject.chance
    yield said(
        subject,
        at,
        "extra_calls",
        account_ids=chance.one_of(([], subject.account_ids[:1])),
        first_date=chance.one_of((None, at.date() + timedelta(days=1))),
        last_date=chance.one_of((None, at.date() + timedelta(days=2))),
    )


def texts_run_out(subject: Subject, at: datetime) -> Iterable[Told]:
    """The sixty days in which the number may be texted end while the world lasts."""
    chance = subject.chance
    yield filed(
        subject,
        subject.begins,
        "message-consent",
        medium="text",
        procedure=chance.one_of(("consumer_used", "direct_consent")),
        given_at=subject.around(-61, -54),
        contact_point_id=subject.point("phone", "mobile"),
        expires_on=chance.one_of((None, None, at.date())),
    )


def takes_consent_back(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person has agreed to texts, and then takes that back."""
    given = filed(
        subject,
        subject.begins,
        "message-consent",
        medium="text",
        procedure="direct_consent",
        given_at=subject.begins - 30 * HOUR,
        contact_point_id=subject.point("phone", "mobile"),
    )
    yield given
    if given.fact is not None:
        taken = {**given.fact, "withdrawn_at": at.isoformat()}
        yield Told(at=at, key=given.key, fact=taken)


def machines(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person has agreed to be called by machines, and may take it back."""
    chance = subject.chance
    given = filed(
        subject,
        subject.begins,
        "automated-consent",
        given_at=subject.begins - 30 * HOUR,
        contact_point_id=chance.one_of((None, subject.point("phone", "mobile"))),
    )
    yield given
    if given.fact is not None and chance.happens(0.5):
        taken = {**given.fact, "withdrawn_at": at.isoformat()}
        yield Told(at=at, key=given.key, fact=taken)
    elif chance.happens(0.6):
        yield said(
            subject,
            at,
            "number_check",
            contact_point_id=subject.point("phone", "mobile"),
            answer=chance.one_of(("yes", "yes", "no", "no_data")),
            consent_on=(subject.begins - 30 * HOUR).date(),
        )


def writes(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person writes, or comes to the portal, several times."""
    chance = subject.chance
    for nth in range(3):
        then = at + nth * 20 * HOUR
        channel = chance.one_of(("text", "email", "portal", "letter"))
        kind = {"text": "phone", "email": "email"}.get(channel)
        body = {
            "consumer_id": subject.consumer_id,
            "channel": channel,
            "contact_point_id": subject.point(kind, "mobile" if kind == "phone" else "")
            if kind
            else None,
            "text": chance.one_of(("What is this about?", "Stop", "Please write to me.")),
            "until": then + chance.one_of((HOUR, 20 * HOUR)) if channel == "portal" else None,
            "demand": chance.one_of((None,) * 6 + ("stop_contact",)),
        }
        yield Told(at=then, path="/v1/inbound-messages", body=_text(body))


def telephones(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person calls and speaks with somebody."""
    chance = subject.chance
    body = {
        "consumer_id": subject.consumer_id,
        "is_conversation": chance.happens(0.8),
        "started_at": at - timedelta(minutes=10),
        "ended_at": at - timedelta(minutes=1),
        "account_ids": chance.one_of(([], subject.account_ids[:1])),
    }
    yield Told(at=at, path="/v1/inbound-calls", body=_text(body))


# ------------------------------------------------------------------ notices and the debt itself


def first_contact(subject: Subject, at: datetime) -> Iterable[Told]:
    """The first communication was some days ago; its notices come in time, late or never."""
    chance = subject.chance
    account_id = subject.account_id
    first = subject.around(-6, 1)
    is_oral = chance.happens(0.5)
    yield filed(
        subject,
        subject.begins,
        "initial-communication",
        account_id=account_id,
        at=first,
        is_oral=is_oral,
        holds_validation=chance.happens(0.2),
    )
    if chance.happens(0.6):
        yield filed(
            subject,
            at,
            "validation-notice",
            account_id=account_id,
            provided_at=at,
            carries=chance.one_of(("initial", "initial", "later", "none")),
            is_undeliverable=chance.happens(0.15),
        )
    if chance.happens(0.6):
        for notice in ("ny_prohibited_conduct", "ny_exempt_income"):
            yield _noticed(subject, at, account_id, notice)


def noticed(subject: Subject, at: datetime) -> Iterable[Told]:
    """A notice that some state asks for was given."""
    chance = subject.chance
    account_id = subject.account_id
    yield _noticed(
        subject,
        chance.one_of((at, subject.begins - timedelta(days=chance.one_of((55, 59))))),
        account_id,
        chance.one_of(("nv_medical", "nv_medical", "tx_time_barred", "ca_time_barred_may_report")),
    )


def _noticed(subject: Subject, at: datetime, account_id: str, notice: str) -> Told:
    told = filed(subject, at, "notice-sent", account_id=account_id, notice=notice, sent_at=at)
    return Told(at=max(at, subject.begins), key=told.key, fact=told.fact)


def too_old(subject: Subject, at: datetime) -> Iterable[Told]:
    """A date is known from which the debt cannot be sued for, or not be reported."""
    chance = subject.chance
    yield filed(
        subject,
        subject.begins,
        "limitation-period",
        account_id=subject.account_id,
        barred_from=at.date(),
        obsolete_from=chance.one_of((None, at.date(), at.date() + timedelta(days=900))),
    )


def validating(subject: Subject, at: datetime) -> Iterable[Told]:
    """The validation period ends while the world lasts, and a dispute comes around then."""
    account_id = subject.account_id
    yield filed(
        subject,
        subject.begins,
        "validation-period-end",
        account_id=account_id,
        ends_on=at.date() + timedelta(days=subject.chance.one_of((-1, 0, 0, 1))),
    )
    body = {"account_id": account_id, "in_writing": True, "grounds": "other"}
    yield Told(at=at, path="/v1/disputes", body=body)


def stolen(subject: Subject, at: datetime) -> Iterable[Told]:
    """The debt is said to come of identity theft."""
    chance = subject.chance
    source = chance.one_of(("agency_block", "consumer_report"))
    if chance.happens(0.5):
        yield said(subject, at, "identity_theft", account_id=subject.account_id, source=source)
        return
    yield filed(
        subject,
        at,
        "identity-theft-report",
        account_id=subject.account_id,
        source=source,
        received_at=at,
        rescinded_at=chance.one_of((None, None, at + 30 * HOUR)),
        found_correct_at=chance.one_of((None, None, at + 20 * HOUR)),
    )


def reached(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person was reached about the debt before: spoken with, or written to for two weeks."""
    chance = subject.chance
    account_id = subject.account_id
    if chance.happens(0.4):
        yield filed(subject, at, "spoken-with", account_id=account_id, spoken_at=at)
        return
    yield filed(
        subject,
        subject.begins,
        "debt-message-sent",
        account_id=account_id,
        sent_at=subject.around(-16, -8),
        undeliverable_at=chance.one_of((None, None, at)),
        is_monitored=chance.happens(0.9),
    )


def complains(subject: Subject, at: datetime) -> Iterable[Told]:
    """What was said or done before bears on every call after it."""
    chance = subject.chance
    yield filed(
        subject,
        at,
        "person-statement",
        statement=chance.one_of(("does_not_wish_contact", "refuses_to_pay", "does_not_owe")),
        received_at=at,
    )
    yield filed(subject, at, "prior-conduct", conduct="repeated_calls", at=at)


def pays(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person pays all of a debt."""
    body = {
        "amount_minor": OWED_MINOR,
        "currency": "USD",
        "received_by": "agency",
        "instrument": "ach",
    }
    yield Told(at=at, path=f"/v1/accounts/{subject.account_id}/payments", body=body)


def recalled(subject: Subject, at: datetime) -> Iterable[Told]:
    """The creditor takes a debt back."""
    path = f"/v1/accounts/{subject.account_id}/recall"
    yield Told(at=at, path=path, body={"reason": "creditor_request"})


def consents_and_withdraws(subject: Subject, at: datetime) -> Iterable[Told]:
    """The person agrees to texts to contact itself."""
    body = {
        "consumer_id": subject.consumer_id,
        "medium": "text",
        "procedure": "direct_consent",
        "contact_point_id": subject.point("phone", "mobile"),
    }
    yield Told(at=subject.begins + 3 * HOUR, path="/v1/consents", body=body)


OF_STATES: dict[str, tuple[Trait, ...]] = {
    "CA": (too_old,),
    "MA": (not_at_work,),
    "NC": (not_at_work,),
    "NV": (noticed,),
    "NY": (first_contact, substantiates, too_old),
    "NYC": (too_old,),
    "OR": (not_at_work,),
    "TX": (too_old,),
}
"""What matters most where the law asks something of its own."""

TRAITS: tuple[Trait, ...] = (
    pays,
    recalled,
    consents_and_withdraws,
    bankruptcy,
    bankruptcy,
    deceased,
    minor,
    serves,
    spouse,
    neighbor,
    neighbor,
    professional,
    elsewhere,
    elsewhere,
    on_the_way,
    nowhere,
    evenings,
    not_at_home,
    not_at_work,
    lifted,
    stops,
    represented,
    opts_out,
    opts_out,
    disputes,
    disputes,
    substantiates,
    wrong_number,
    read_by_others,
    more_calls,
    texts_run_out,
    takes_consent_back,
    machines,
    machines,
    writes,
    telephones,
    first_contact,
    first_contact,
    noticed,
    too_old,
    validating,
    stolen,
    reached,
    complains,
)
