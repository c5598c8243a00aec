"""Plots: what has to happen to somebody so that one law alone stands in the way of a contact.

Chance seldom brings it about. Whoever has a plot is left alone otherwise, so that nothing else
stands in the way, and is asked for again and again where the law should say no.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.records import record
from tests.simulation import traits
from tests.simulation.beginnings import is_season_of_city_law
from tests.simulation.chance import Chance
from tests.simulation.population import Part
from tests.simulation.subject import Subject
from tests.simulation.traits import Told

HOUR = timedelta(hours=1)


@record
class Asking:
    """A contact to be asked for on a day: with whom, and through which of their points."""

    day: int
    channel: str
    label: str = ""
    party: str = ""
    is_reported: bool = True
    is_about_all: bool = False
    more: dict[str, Any] = {}


@record
class Acting:
    """An act other than a contact to be asked for, on a day."""

    day: int
    act: dict[str, Any]


Learns = Callable[[Subject, datetime], Iterable[Told]]


def _nothing(subject: Subject, at: datetime) -> Iterable[Told]:
    return ()


@record
class Plot:
    """Who somebody is, what becomes known of them on the second day, and what is asked then.

    `is_cut_off`: just then compliance cannot be reached, and has to learn of it from the feed.
    """

    part: Part
    asks: tuple[Asking | Acting, ...]
    learns: Learns = _nothing
    texts_by: str | None = "direct_consent"
    is_cut_off: bool = False


def _codebtor(subject: Subject, at: datetime) -> Iterable[Told]:
    yield from traits.with_party(subject, subject.begins + HOUR, "co_debtor")
    since = {"learned_at": at, "filed_on": at.date() - timedelta(days=10)}
    yield traits.filed(subject, at, "bankruptcy", chapter=13, **since)


def _neighbor(subject: Subject, at: datetime) -> Iterable[Told]:
    yield from traits.neighbor(subject, subject.begins + HOUR)


def _dead(subject: Subject, at: datetime) -> Iterable[Told]:
    yield from traits.deceased(subject, at)


def _wrong(subject: Subject, at: datetime) -> Iterable[Told]:
    yield traits.said(subject, at, "wrong_number", contact_point_id=_mobile(subject))


def _reassigned(subject: Subject, at: datetime) -> Iterable[Told]:
    given_at = subject.begins - 30 * HOUR
    yield traits.filed(subject, subject.begins, "automated-consent", given_at=given_at)
    yield traits.said(
        subject,
        at,
        "number_check",
        contact_point_id=_mobile(subject),
        answer="yes",
        consent_on=given_at.date(),
    )


def _unproved(subject: Subject, at: datetime) -> Iterable[Told]:
    account_id = subject.account_ids[0]
    yield traits.filed(subject, at, "substantiation-request", account_id=account_id, received_at=at)


def _one_disputed(subject: Subject, at: datetime) -> Iterable[Told]:
    body = {"account_id": subject.account_ids[1], "in_writing": True, "grounds": "other"}
    yield Told(at=at, path="/v1/disputes", body={**body, "timely": True})


def _no_calls(subject: Subject, at: datetime) -> Iterable[Told]:
    yield traits.said(subject, at, "opt_out", medium="call")


def _seen(subject: Subject, at: datetime) -> Iterable[Told]:
    point = subject.point("email", "unknown")
    yield traits.said(subject, at, "third_party_disclosure", contact_point_id=point)


def _undated(subject: Subject, at: datetime) -> Iterable[Told]:
    yield traits.filed(subject, at, "bankruptcy", chapter=7, learned_at=at)


def _stolen(subject: Subject, at: datetime) -> Iterable[Told]:
    yield _written(subject, 20)
    report = {"source": "agency_block", "received_at": at}
    account_id = subject.account_ids[0]
    yield traits.filed(subject, at, "identity-theft-report", account_id=account_id, **report)


def _written_lately(subject: Subject, at: datetime) -> Iterable[Told]:
    yield _written(subject, 9)


def _written(subject: Subject, days_ago: int) -> Told:
    return traits.filed(
        subject,
        subject.begins,
        "debt-message-sent",
        account_id=subject.account_ids[0],
        sent_at=subject.begins - timedelta(days=days_ago),
        is_monitored=True,
    )


def _texted(subject: Subject, at: datetime) -> Iterable[Told]:
    yield traits.filed(
        subject,
        subject.begins,
        "message-consent",
        medium="text",
        procedure="consumer_used",
        given_at=subject.begins - timedelta(days=58) + 12 * HOUR,
        contact_point_id=_mobile(subject),
    )


def _busy(subject: Subject, at: datetime) -> Iterable[Told]:
    from_then_on = {"first_date": at.date().isoformat()}
    yield traits.said(subject, at, "inconvenient_time", windows=[from_then_on])


def _barred(subject: Subject, at: datetime) -> Iterable[Told]:
    account_id, day = subject.account_ids[0], subject.begins.date()
    yield traits.filed(
        subject, subject.begins, "limitation-period", account_id=account_id, barred_from=day
    )


def _mobile(subject: Subject) -> str | None:
    return subject.point("phone", "mobile")


def _again(channel: str, *days: int, **how: Any) -> tuple[Asking, ...]:
    return tuple(Asking(day=each, channel=channel, **how) for each in days)


_SUIT = {"kind": "legal-action", "form": "suit", "forum_district": "D-1"}
_FURNISH = {"kind": "furnish", "is_marked_disputed": True, "recipient": "reporting_agency"}
_PLAIN = Part(states=("IL",))

PLOTS: dict[str, Plot] = {
    "a co-debtor of somebody bankrupt": Plot(
        part=_PLAIN,
        learns=_codebtor,
        asks=_again("call", 2, 3, 4, 5, party="co_debtor"),
    ),
    "a neighbor who was called, and nobody said what came of it": Plot(
        part=_PLAIN,
        learns=_neighbor,
        asks=(
            *_again(
                *("call", 0),
                party="third_party",
                is_reported=False,
                more={"purpose": "location_information"},
            ),
            *_again(
                *("call", 7, 8, 8),
                party="third_party",
                more={"purpose": "location_information"},
            ),
        ),
    ),
    "a death": Plot(part=_PLAIN, learns=_dead, asks=_again("letter", 2, 3, 4, 5), is_cut_off=True),
    "a wrong number": Plot(
        part=_PLAIN, learns=_wrong, asks=_again("call", 2, 3, 4, 5, label="mobile")
    ),
    "a number that is another's now": Plot(
        part=_PLAIN,
        learns=_reassigned,
        asks=_again("call", 2, 3, 4, 5, label="mobile", more={"technology": "autodialed"}),
    ),
    "a debt that has ended": Plot(
        part=Part(states=("MS",), years_old=(3.5, 16.0)),
        asks=_again("letter", 1, 2, 3),
    ),
    "a debt to be proved": Plot(
        part=Part(states=("NY",), years_old=(1.5,)),
        learns=_unproved,
        asks=_again("letter", 2, 3, 4, is_about_all=True),
    ),
    "one debt of two in dispute": Plot(
        part=Part(states=("IL",), accounts=2),
        learns=_one_disputed,
        asks=_again("letter", 2, 3, 4, is_about_all=True),
    ),
    "no calls, said aloud": Plot(
        part=_PLAIN, learns=_no_calls, asks=_again("voicemail", 2, 3, 4, label="mobile")
    ),
    "recordings": Plot(
        part=_PLAIN,
        asks=_again(
            *("voicemail", 0, 1, 2, 3, 4, 5, 6),
            label="home",
            more={"technology": "prerecorded"},
        ),
    ),
    "a creditor's notice a day too short": Plot(
        part=Part(states=("IL",), notice_days=(33, 34)),
        asks=_again("email", 2, 2, 2, 2, 3, label="unknown"),
    ),
    "a suit in the seventh year": Plot(
        part=Part(states=("WA",), years_old=(6.5,)),
        asks=tuple(Acting(day=each, act={**_SUIT, "forum_state": "WA"}) for each in (1, 2, 3)),
    ),
    "a petition without a date": Plot(part=_PLAIN, learns=_undated, asks=_again("letter", 2, 3, 4)),
    "a debt of identity theft": Plot(
        part=_PLAIN,
        learns=_stolen,
        asks=tuple(Acting(day=each, act=_FURNISH) for each in (2, 3, 4)),
    ),
    "a debt furnished too soon": Plot(
        part=_PLAIN,
        learns=_written_lately,
        asks=tuple(Acting(day=each, act=_FURNISH) for each in (1, 2, 3)),
    ),
    "a number texted for sixty days": Plot(
        part=_PLAIN,
        learns=_texted,
        texts_by=None,
        asks=_again("text", 0, 1, 1, 2, 2, 3, 3, 4, label="mobile"),
    ),
    "days that do not suit": Plot(
        part=_PLAIN, learns=_busy, asks=_again("call", 2, 3, 4, 5, label="mobile")
    ),
    "an address that others read": Plot(
        part=_PLAIN, learns=_seen, asks=_again("email", 2, 3, 4, label="unknown")
    ),
}

OF_CITIES: dict[str, Plot] = {
    "a city's fourth contact": Plot(
        part=Part(cities=("NYC",)),
        asks=(*_again("letter", 1, 2, 3), *_again("call", 3, 4), *_again("letter", 4, 5, 6)),
    ),
    "a city's texts": Plot(
        part=Part(cities=("NYC",)),
        texts_by="consumer_used",
        asks=_again("text", 1, 2, 3, 3, 4, label="mobile"),
    ),
    "a city's old debt": Plot(
        part=Part(cities=("NYC",)),
        learns=_barred,
        asks=_again("letter", 2, 3, 4, 5, more={"disclosures": ["ny_time_barred"]}),
    ),
}


def some_plot(chance: Chance, begins: datetime) -> Plot:
    """Return a plot that can come about in a world that begins then."""
    is_in_city = is_season_of_city_law(begins) and chance.happens(0.6)
    return chance.one_of(list((OF_CITIES if is_in_city else PLOTS).values()))
