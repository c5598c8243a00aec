"""Random gates and random packs, drawn fast: for promises that must hold whatever is known."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Literal, get_args

from services.compliance.rules import facts, rebuttal
from services.compliance.rules.contact.contact_frequency import Per
from services.compliance.rules.facts import Channel, Fact
from services.compliance.rules.gate import Gate
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.pack import RulePack, Terms
from services.compliance.rules.places import Place
from services.compliance.rules.request import Circumstances, ContactRequest, PointOptOut
from services.compliance.rules.slots import Slot
from tests.unit.compliance.samples import BOOK, CONSUMER

ACCOUNTS = ("acct_1", "acct_2")
STATES = ("VT", "MA", "WA", "NY", "NYC", "CA", "DC", "NV", "OR", "WI", "FL", "TX", "XX")
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Guam", "Mars/Base")
CHANNELS: tuple[Channel, ...] = get_args(Channel)
LABELS = ("mobile", "home", "work", "main", "landline")
NOTICES = ("nv_medical", "ny_time_barred", "ca_time_barred_may_report", "tx_time_barred")
PURPOSES = (
    *("payment_demand", "payment_demand", "payment_demand", "consent_request"),
    *("dispute_verification", "marketing", "location_information"),
    *rebuttal.FACTORS,
)
START = datetime(2026, 10, 25, tzinfo=UTC)
MINUTES = 14 * 24 * 60


def a_gate(random: Random) -> tuple[Gate, datetime]:
    """Return what may be known of one consumer, a request, and when it is made."""
    at = START + timedelta(minutes=random.randrange(20 * 24 * 60, 20 * 24 * 60 + MINUTES))
    known = [(f"fact_{number}", fact) for number, fact in enumerate(_facts(random, at))]
    found = Gate(
        facts=known,
        slots=[_slot(random, number, at) for number in range(random.choice((0, 1, 3, 8, 20)))],
        request=_request(random),
        circumstances=_circumstances(random),
        is_overfull=random.random() < 0.01,
    )
    return found, at


def a_pack(random: Random, jurisdiction: str | None = None) -> RulePack:
    """Return a pack of one to three terms: those of shipped packs elsewhere, or new numbers."""
    return RulePack(
        pack=f"random-{random.randrange(1_000_000)}",
        version="1",
        jurisdiction=jurisdiction or random.choice(STATES),
        terms=tuple(_terms(random) for _ in range(random.randrange(1, 4))),
    )


_SHIPPED = tuple(terms for pack in BOOK.packs for terms in pack.terms)


def _terms(random: Random) -> Terms:
    if random.random() < 0.5:
        shipped = random.choice(_SHIPPED)
        return Terms(
            rule=shipped.rule,
            law=f"RANDOM-{random.randrange(1_000_000)}",
            citation="drawn",
            effective_from=_since(random),
            effective_until=random.choice((None, None, date(2027, 1, 1), date(2026, 11, 20))),
            is_verified=random.random() < 0.5,
            numbers={name: _number(random, value) for name, value in shipped.numbers.items()},
            names=shipped.names,
        )
    places: tuple[Place, ...] = get_args(Place)
    return Terms(
        rule="contact-frequency",
        law=f"RANDOM-{random.randrange(1_000_000)}",
        citation="drawn",
        effective_from=_since(random),
        numbers={"contacts_max": random.randrange(1, 6), "days": random.choice((1, 7, 30))},
        names={
            "channels": tuple(random.sample(CHANNELS, random.randrange(1, 5))),
            "per": (random.choice(get_args(Per)),),
            **({"places": (random.choice(places),)} if random.random() < 0.3 else {}),
            **({"counts": ("conversations",)} if random.random() < 0.2 else {}),
        },
    )


def _since(random: Random) -> date:
    return date(2020, 1, 1) + timedelta(days=random.choice((0, 0, 0, 2500, 2515, 3000)))


def _number(random: Random, value: int) -> int:
    return max(1, value + random.choice((0, 0, -1, 1, -value // 2)))


def _facts(random: Random, at: datetime) -> list[Fact]:
    found: list[Fact] = []
    for account_id in ACCOUNTS:
        if random.random() < 0.97:
            kind = random.choice(("credit_card", "medical", "credit_card", "barter"))
            found.append(facts.AccountKnown(account_id=account_id, product_type=kind))
            found.append(
                facts.AccountStanding(
                    account_id=account_id,
                    lifecycle="active" if random.random() < 0.95 else "closed",
                    owes=random.random() < 0.95,
                )
            )
    states = tuple(random.sample(STATES, random.choice((0, 1, 1, 1, 2))))
    zones = tuple(random.sample(ZONES[:-1], random.choice((1, 1, 2)))) or ZONES[-1:]
    found.append(facts.LocationEvidence(evidence="drawn", zones=zones, states=states))
    for kind in ("phone", "email", "address"):
        found.append(
            facts.ContactPointKnown(
                contact_point_id=f"cp_{kind}",
                point_kind=kind,  # type: ignore[arg-type]
                label=random.choice(LABELS),
                digest=f"digest-{kind}",
                states=(random.choice(STATES),) if random.random() < 0.3 else (),
                zones=(random.choice(ZONES),) if random.random() < 0.1 else (),
            )
        )
    found.append(
        facts.MessageConsent(
            medium=random.choice(("email", "text")),
            procedure=random.choice(("direct_consent", "consumer_used", "creditor_notice")),
            given_at=_before(random, at),
        )
    )
    for draw in random.sample(_DRAWN, random.choice((0, 0, 1, 2, 4))):
        found.append(draw(random, _before(random, at)))
    return found


def _before(random: Random, at: datetime) -> datetime:
    return at - timedelta(minutes=random.choice((1, 4, 60, 1440, 20_000, 90_000)))


def _account(random: Random) -> str:
    return random.choice(ACCOUNTS)


_DRAWN: tuple[Any, ...] = (
    lambda random, at: facts.CeaseNotice(received_at=at, account_ids=(_account(random),)),
    lambda random, at: facts.OralStop(received_at=at),
    lambda random, at: facts.AttorneyRetained(received_at=at, account_ids=(_account(random),)),
    lambda random, at: facts.EmployerProhibition(received_at=at),
    lambda random, at: facts.InconvenientPlace(
        place=random.choice(("home", "work")), received_at=at
    ),
    lambda random, at: facts.OptOut(
        received_at=at, medium=random.choice(("call", "text", "email"))
    ),
    lambda random, at: facts.Dispute(account_id=_account(random), in_writing=True, received_at=at),
    lambda random, at: facts.ExtraCallsConsent(received_at=at),
    lambda random, at: facts.InboundMessage(
        message_id="inb_1", channel=random.choice(CHANNELS), received_at=at
    ),
    lambda random, at: facts.InboundCall(started_at=at, ended_at=at, is_conversation=True),
    lambda random, at: facts.WrongNumber(contact_point_id="cp_phone", learned_at=at),
    lambda random, at: facts.AutomatedConsent(
        given_at=at, withdrawn_at=random.choice((None, at + timedelta(minutes=1)))
    ),
    lambda random, at: facts.ReassignmentCheck(
        contact_point_id="cp_phone",
        checked_at=at,
        answer=random.choice(("yes", "no", "no_data")),
        consent_on=at.date(),
    ),
    lambda random, at: facts.NoticeSent(
        account_id=_account(random), notice=random.choice(NOTICES), sent_at=at
    ),
    lambda random, at: facts.LimitationPeriod(
        account_id=_account(random), barred_from=at.date(), obsolete_from=at.date()
    ),
    lambda random, at: facts.InitialCommunication(account_id=_account(random), at=at),
    lambda random, at: facts.SubstantiationRequest(account_id=_account(random), received_at=at),
    lambda random, at: facts.PersonStatement(statement="does_not_owe", received_at=at),
    lambda random, at: facts.PriorConduct(conduct="threat", at=at),
    lambda random, at: facts.CallReview(
        factor="active_litigation",
        decision=random.choice(("approved", "refused")),
        reviewer_id="usr_1",
        reviewed_at=at,
        expires_at=at + timedelta(days=2),
        account_ids=ACCOUNTS,
    ),
    lambda random, at: facts.InconvenientTime(
        windows=(facts.WeeklyWindow(weekdays=(1, 3), from_minute=600, until_minute=900),),
        received_at=at,
    ),
)


def _request(random: Random) -> ContactRequest:
    channel = random.choice((*CHANNELS, "call", "call", "text", "email"))
    point = {"email": "cp_email", "letter": "cp_address", "portal": None}.get(channel, "cp_phone")
    technology: Literal["live", "prerecorded", "autodialed"] = random.choice(
        ("live", "live", "prerecorded", "autodialed")
    )
    return ContactRequest(
        consumer_id=CONSUMER,
        account_ids=random.choice((("acct_1",), ("acct_2",), ACCOUNTS)),
        party_id=CONSUMER,
        channel=channel,
        contact_point_id=point,
        purpose=random.choice(PURPOSES),
        content_digest="",
        act=random.choice(("contact", "contact", "contact", "reply", "opt_out_confirmation")),
        technology=technology,
        disclosures=tuple(random.sample(NOTICES, random.choice((0, 0, 1)))),
    )


def _slot(random: Random, number: int, at: datetime) -> Slot:
    started_at = at - timedelta(minutes=random.randrange(1, 9 * 1440))
    outcome = random.choice((None, *sorted(OUTCOMES)))
    return Slot(
        permit_id=f"prm_{number}",
        request=_request(random),
        status=random.choice(("open", "redeemed", "released", "unpermitted")),
        granted_at=started_at,
        expires_at=started_at + timedelta(minutes=5),
        outcome=outcome,
        started_at=None if outcome is None else started_at,
        ended_at=None if outcome is None else started_at,
    )


def _circumstances(random: Random) -> Circumstances:
    return Circumstances(
        stale=("ledger",) if random.random() < 0.02 else (),
        point_opt_outs=(PointOptOut(fact_key="x"),) if random.random() < 0.02 else (),
        licences=random.choice((None, ("MA", "WA", "NYC", "CA", "NV", "OR", "WI", "FL", "TX"))),
    )


def a_book(random: Random) -> list[RulePack]:
    """Return some of the packs that ship, and perhaps one that does not."""
    shipped = [each for each in BOOK.packs if each.jurisdiction == "US" or random.random() < 0.6]
    return [*shipped, a_pack(random)] if random.random() < 0.3 else shipped
