"""Random gates, acts, messages and packs, drawn fast: for promises that hold whatever is known."""

from collections.abc import Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar, get_args

from services.compliance.rules import facts, local_time
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Act, ActRequest
from services.compliance.rules.book import Book
from services.compliance.rules.contact.contact_frequency import Per
from services.compliance.rules.facts import Channel, Fact
from services.compliance.rules.gate import Gate
from services.compliance.rules.message import Message
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.pack import RulePack, Terms
from services.compliance.rules.places import Place
from services.compliance.rules.request import Circumstances, ContactRequest, PointOptOut
from services.compliance.rules.rulebook import KNOWN
from services.compliance.rules.slots import Reach, Slot
from shared.kernel.records import replace
from tests.unit.compliance import drawn
from tests.unit.compliance.drawn import (
    ACCOUNTS,
    LABELS,
    NOTICES,
    PARTIES,
    PURPOSES,
    STATES,
    STRICT,
    ZONES,
)
from tests.unit.compliance.samples import BOOK, CONSUMER

CHANNELS: tuple[Channel, ...] = get_args(Channel)
POINT_OF = {
    **{"email": "cp_email", "letter": "cp_address", "in_person": "cp_address"},
    **{"portal": None, "social": None},
}
START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 4 * 365 * 86_400
_FOUND = {facts.AccountKnown, facts.AccountStanding, facts.PartyKnown, facts.ContactPointKnown}
_KINDS: tuple[Any, ...] = tuple(each for each in get_args(Fact) if each not in _FOUND)
_HARMLESS: tuple[Any, ...] = (
    *(facts.InboundMessage, facts.InboundCall, facts.MessageConsent, facts.NoticeSent),
    *(facts.PriorConsent, facts.ExtraCallsConsent, facts.AutomatedConsent),
    *(facts.InconvenientTime, facts.CallReview, facts.InconvenientPlace),
)


def a_moment(random: Random, zones: tuple[str, ...] = ()) -> datetime:
    """Return when something is asked: half the time on a day on which a clock is changed."""
    at = START + timedelta(seconds=random.randrange(SECONDS))
    where = local_time.zone(random.choice(zones or ZONES))
    if where is None or random.random() < 0.5:
        return at
    for _ in range(370):
        if at.astimezone(where).utcoffset() != (at + DAY).astimezone(where).utcoffset():
            break
        at += DAY
    return at + timedelta(hours=random.randrange(-30, 30))


DAY = timedelta(days=1)


def a_gate(random: Random) -> tuple[Gate, datetime]:
    """Return what may be known of one consumer, a request, and when it is made."""
    zones = tuple(random.sample(ZONES, random.choice((1, 1, 1, 2, 2, 3))))
    at = a_moment(random, zones)
    request = a_request(random)
    told = _facts(random, at, zones)
    if request.act == "opt_out_confirmation":
        told.append(drawn.a(facts.OptOut, random, at))
    known = [(f"fact_{number}", fact) for number, fact in enumerate(told)]
    found = Gate(
        facts=known,
        slots=[_slot(random, each, at, request) for each in range(random.choice(_MANY))],
        request=request,
        circumstances=_circumstances(random),
        is_overfull=random.random() < 0.005,
        limitations=BOOK.limitations,
    )
    return found, at


_MANY = (0, 1, 3, 8, 12, 20)
G = TypeVar("G", Gate, ActGate)


def under(gate: G, book: Book) -> G:
    """Return a gate as it is shown to the rules of another book."""
    shown = copy(gate)
    shown.remembered = {}
    if isinstance(shown, ActGate):
        shown.periods = book.periods
    else:
        shown.limitations = book.limitations
    return shown


def a_patient_gate(random: Random, *, is_plain: bool = False) -> tuple[Gate, datetime]:
    """Return a gate and a request for which waiting may help; a plain one is of our own accord."""
    zones = tuple(random.sample(ZONES, random.choice((1, 1, 1, 2, 2))))
    at = a_moment(random, zones)
    known = _usual(random, at, zones, random.choice((STATES, STRICT)))
    for _ in range(random.choice((0, 1, 2, 3))):
        known.append(drawn.a(random.choice(_PASSING), random, at))
    keyed = [(f"fact_{number}", fact) for number, fact in enumerate(known)]
    request = replace(a_request(random), says=(), party_id=CONSUMER)
    if is_plain or random.random() < 0.3:
        request = replace(request, act="contact", purpose="collection", technology="live")
    return Gate(
        facts=keyed,
        slots=[
            _with_allowances(random, _slot(random, each, at, request), keyed)
            for each in range(random.choice(_MANY))
        ],
        request=request,
        circumstances=Circumstances(licences=random.choice((None, STATES))),
        limitations=BOOK.limitations,
    ), at


_PASSING: tuple[Any, ...] = (
    *(*_HARMLESS, facts.OptOut, facts.AttorneyRetained, facts.Bankruptcy, facts.NoticeSent),
    *(facts.LimitationPeriod, facts.DebtHistory, facts.EmployerProhibition),
)


def _with_allowances(random: Random, slot: Slot, known: list[tuple[str, Fact]]) -> Slot:
    """Let an attempt have taken the one reply to a message, or confirm opt-outs."""
    messages = [each.message_id for _, each in known if isinstance(each, facts.InboundMessage)]
    opt_outs = [key for key, each in known if isinstance(each, facts.OptOut)]
    return replace(
        slot,
        answers=random.choice((None, *messages)),
        confirms=(random.choice(opt_outs),) if opt_outs and random.random() < 0.5 else (),
    )


def an_act_gate(random: Random) -> tuple[ActGate, datetime]:
    """Return what may be known of one consumer, an act other than a contact, and when it is."""
    zones = tuple(random.sample(ZONES, random.choice((1, 1, 2))))
    at = a_moment(random, zones)
    known = [*_facts(random, at, zones), *_facts(random, at, zones)]
    known += [drawn.a(facts.DebtHistory, random, at, account_id=each) for each in ACCOUNTS]
    # What somebody has to review hangs on service that overlaps with what is asked.
    known += [drawn.a(facts.MilitaryService, random, at) for _ in range(random.choice((0, 0, 1)))]
    found = ActGate(
        facts=[(f"fact_{number}", fact) for number, fact in enumerate(known)],
        slots=[_slot(random, number, at) for number in range(random.choice((0, 1, 3)))],
        request=an_act(random, at),
        circumstances=_circumstances(random),
        is_overfull=random.random() < 0.005,
        periods=BOOK.periods,
        reached={
            each: tuple(drawn.a(Reach, random, at) for _ in range(random.choice((0, 1, 2))))
            for each in ACCOUNTS
        },
    )
    return found, at


def an_act(random: Random, at: datetime) -> ActRequest:
    """Return an act of any kind other than a contact."""
    return ActRequest(
        consumer_id=CONSUMER,
        account_ids=random.choice((ACCOUNTS[:1], ACCOUNTS[1:], ACCOUNTS)),
        party_id=random.choice((CONSUMER, CONSUMER, *PARTIES)),
        act=drawn.a(random.choice(get_args(Act)), random, at),
    )


_PHRASES = tuple(
    phrase
    for pack in BOOK.packs
    for terms in pack.terms
    for name in KNOWN[terms.rule].phrases
    for phrase in terms.names.get(name, ())
)


_PARTS = (
    *("voicemail", "opt_out", "envelope", "social", "caller", "sending", "itemization"),
    *("notice", "form", "debt"),
)


def a_message(random: Random) -> Message:
    """Return a message, or parts of one, in words that rules look for and others."""
    said = [_spoken(random, each) for each in random.sample(_PHRASES, random.choice((0, 1, 2, 5)))]
    if random.random() < 0.5:
        said += ["This is an attempt to collect a debt. Any information obtained will be used for"
                 " that purpose. This letter is from a debt collector."]  # fmt: skip
    judged = random.sample(_PARTS, random.choice((0, 0, 1, 2)))
    return drawn.a(
        Message,
        random,
        START,
        **{each: None for each in _PARTS if each not in judged},
        text=". ".join(said),
        states=tuple(random.sample(STATES, random.choice((0, 1)))),
        language=random.choice(("en", "en", "en", "es", "de")),
    )


def _spoken(random: Random, phrase: str) -> str:
    """Return words that a phrase of a pack stands for."""
    words = (random.choice(each.split("|")) for each in phrase.split() if each != "...")
    return " ".join(each.strip("*?") for each in words)


def a_pack(random: Random, jurisdiction: str | None = None, rules: Sequence[str] = ()) -> RulePack:
    """Return a pack of one to three terms: those of shipped packs elsewhere, or new numbers.

    Most are of the rules named, if any are.
    """
    return RulePack(
        pack=random.choice(("a", "random", "zz")) + f"-{random.randrange(1_000_000)}",
        version="1",
        jurisdiction=jurisdiction or random.choice(STATES),
        terms=tuple(_terms(random, rules) for _ in range(random.randrange(1, 4))),
    )


_SHIPPED: dict[str, list[Terms]] = {}
for _pack in BOOK.packs:
    for _each in _pack.terms:
        _SHIPPED.setdefault(_each.rule, []).append(_each)
_RULES = tuple(_SHIPPED)


def _terms(random: Random, rules: Sequence[str]) -> Terms:
    if random.random() < 0.7:
        shipped = random.choice(_SHIPPED[random.choice(rules or _RULES)])
        return Terms(
            rule=shipped.rule,
            law=f"RANDOM-{random.randrange(1_000_000)}",
            citation="drawn",
            effective_from=_since(random),
            effective_until=random.choice((None, None, date(2027, 1, 1), date(2026, 11, 20))),
            is_verified=random.random() < 0.5,
            numbers={name: _number(random, value) for name, value in shipped.numbers.items()},
            names={**shipped.names, **_phrases(random, shipped)},
            dates=shipped.dates,
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


def _phrases(random: Random, shipped: Terms) -> dict[str, tuple[str, ...]]:
    """Return other phrases in place of some of those looked for."""
    names = [each for each in KNOWN[shipped.rule].phrases if each in shipped.names]
    return {
        each: (*shipped.names[each][:3], *random.sample(_PHRASES, 20))
        for each in names
        if random.random() < 0.5
    }


def _since(random: Random) -> date:
    return date(2020, 1, 1) + timedelta(days=random.choice((0, 0, 0, 2192, 2500, 2900, 3600)))


def _number(random: Random, value: int) -> int:
    return max(1, value + random.choice((0, 0, -1, 1, -value // 2)))


def _facts(random: Random, at: datetime, zones: tuple[str, ...]) -> list[Fact]:
    known_zones = (*zones, "Mars/Base") if random.random() < 0.02 else zones
    found = _usual(random, at, known_zones, random.choice((STATES, STRICT)))
    if random.random() < 0.1:
        account_id = random.choice(ACCOUNTS)
        found.append(drawn.a(facts.AccountStanding, random, at, account_id=account_id))
        found.append(facts.AccountKnown(account_id=account_id, product_type="barter"))
    found += [drawn.a(facts.PartyKnown, random, at, party_id=each) for each in PARTIES[:2]]
    found.append(facts.PartyKnown(party_id=PARTIES[2], role="spouse"))
    if random.random() < 0.6:
        found.append(drawn.a(facts.InitialCommunication, random, at))
    for _ in range(random.choice((0, 1, 2, 3))):
        found.append(drawn.a(random.choice(_HARMLESS), random, at))
    for _ in range(random.choice((0, 0, 1, 2, 4))):
        found.append(drawn.a(random.choice(_KINDS), random, at))
    return found


def _usual(
    random: Random, at: datetime, zones: tuple[str, ...], among: tuple[str, ...]
) -> list[Fact]:
    """Return what makes a consumer's accounts workable, somewhere."""
    found: list[Fact] = []
    for account_id in ACCOUNTS if random.random() < 0.97 else ACCOUNTS[:1]:
        kind = random.choice(("credit_card", "medical"))
        debt = "one" if random.random() < 0.1 else None
        placed_at = None if debt else at - timedelta(days=90)
        found += [
            facts.AccountKnown(
                account_id=account_id, product_type=kind, debt_key=debt, placed_at=placed_at
            ),
            facts.AccountStanding(account_id=account_id, lifecycle="active", owes=True),
        ]
    states = tuple(random.choice(among) for _ in range(random.choice((1, 1, 2))))
    found.append(facts.LocationEvidence(evidence="drawn", zones=zones, states=states))
    for kind in ("phone", "email", "address"):
        found.append(
            facts.ContactPointKnown(
                contact_point_id=f"cp_{kind}",
                point_kind=kind,  # type: ignore[arg-type]
                label=random.choice(LABELS),
                digest=f"digest-cp_{kind}",
                states=(random.choice(STATES),) if random.random() < 0.1 else (),
                zones=(random.choice(ZONES),) if random.random() < 0.1 else (),
                is_public_domain=random.choice((None, True, False)),
                party_id=random.choice(PARTIES) if random.random() < 0.02 else None,
            )
        )
    for medium in ("email", "text"):
        found.append(
            facts.MessageConsent(
                medium=medium,
                procedure=random.choice(("direct_consent", "consumer_used", "creditor_notice")),
                given_at=at - timedelta(minutes=random.choice((4, 1440, 20_000, 50_000, 84_960))),
            )
        )
    return found


def a_request(random: Random) -> ContactRequest:
    """Return a contact of any kind."""
    channel = random.choice((*CHANNELS, "call", "call", "text", "email", "text", "email"))
    is_usual = random.random() < 0.5
    return ContactRequest(
        consumer_id=CONSUMER,
        account_ids=random.choice((ACCOUNTS[:1], ACCOUNTS[1:], ACCOUNTS)),
        party_id=CONSUMER if random.random() < 0.9 else random.choice(PARTIES),
        channel=channel,
        contact_point_id=POINT_OF.get(channel, "cp_phone"),
        purpose="payment_demand" if is_usual else random.choice(PURPOSES),
        content_digest="",
        act=random.choice(("contact", "contact", "contact", "reply", "opt_out_confirmation")),
        portion=random.choice(("whole", "undisputed")),
        renewed_for=random.choice((None, None, "asked_again")),
        says=random.choice(((), (), (), ("debt_owed",))),
        technology=random.choice(("live", "live", "prerecorded", "autodialed")),
        disclosures=tuple(random.sample(NOTICES, random.choice((0, 0, 1)))),
    )


def _slot(random: Random, number: int, at: datetime, like: ContactRequest | None = None) -> Slot:
    """Return an attempt of the last days, or a permit that waits to be used."""
    asked = a_request(random)
    if like is not None and random.random() < 0.7:
        asked = replace(like, party_id=random.choice((CONSUMER, like.party_id)))
    if random.random() < 0.3:
        asked = replace(asked, channel="call", contact_point_id="cp_phone")
    if random.random() < 0.25:
        granted_at = at - timedelta(seconds=random.randrange(300))
        return Slot(
            permit_id=f"prm_{number}",
            request=asked,
            status=random.choice(("open", "open", "redeemed", "released")),
            granted_at=granted_at,
            expires_at=granted_at + timedelta(minutes=5),
            answers=random.choice((None, *(f"message_id_{each}" for each in range(3)))),
            confirms=random.choice(((), *((f"fact_{each}",) for each in range(12, 15)))),
        )
    started_at = at - timedelta(minutes=random.randrange(1, random.choice((2, 5, 9, 32)) * 1440))
    outcome = random.choice((None, "no_answer", "no_answer", *sorted(OUTCOMES)))
    return Slot(
        permit_id=f"prm_{number}",
        request=asked,
        status=random.choice(("open", "redeemed", "released", "unpermitted")),
        granted_at=started_at,
        expires_at=started_at + timedelta(minutes=5),
        outcome=outcome,
        started_at=None if outcome is None else started_at,
        ended_at=None if outcome is None else started_at,
    )


def _circumstances(random: Random) -> Circumstances:
    return Circumstances(
        stale=("ledger",) if random.random() < 0.01 else (),
        parked=("evt_1",) if random.random() < 0.01 else (),
        point_opt_outs=(PointOptOut(fact_key="x"),) if random.random() < 0.02 else (),
        is_rulebook_stale=random.random() < 0.005,
        content_unfit_by=("remedy-threat",) if random.random() < 0.01 else (),
        licences=random.choice((None, None, STATES, STATES, STATES[:9])),
        is_content_checked=random.random() < 0.8,
    )


def a_fact(random: Random, at: datetime) -> Fact:
    """Return a fact of any kind that comes on top of the usual ones."""
    found: Fact = drawn.a(random.choice((*_HARMLESS, *_KINDS)), random, at)
    return found


def a_book(random: Random) -> list[RulePack]:
    """Return some of the packs that ship, and perhaps one that does not."""
    shipped = [each for each in BOOK.packs if each.jurisdiction == "US" or random.random() < 0.6]
    return [*shipped, a_pack(random)] if random.random() < 0.3 else shipped
