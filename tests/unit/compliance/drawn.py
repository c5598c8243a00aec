"""Values of any record, drawn at random by the types of its fields and what those are called.

A field that is new is drawn without a word here; one whose values mean something by their name (a
state, a zone, an account) finds them in `WORDS`.
"""

from datetime import date, datetime, timedelta
from random import Random
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from services.compliance.rules import rebuttal, rulebook
from services.compliance.rules.places import STATE_ZONES
from tests.unit.compliance.samples import BOOK, CONSUMER

T = TypeVar("T")

_TERMS = tuple(terms for pack in BOOK.packs for terms in pack.terms)


def _said(*endings: str) -> tuple[str, ...]:
    """Return every name that a shipped pack lists under parameters of such names."""
    found = {
        value
        for terms in _TERMS
        for name, values in terms.names.items()
        if name.endswith(endings)
        for value in values
    }
    return tuple(sorted(found))


LIMITATION = {"licence-needed", "limitation-period", "time-barred-debt-buyer"}
ACCOUNTS = ("acct_1", "acct_2")
PARTIES = ("pty_1", "pty_2", "pty_3")
POINTS = ("cp_phone", "cp_email", "cp_address")
LABELS = ("mobile", "home", "work", "main", "landline")
STATES = tuple(sorted({pack.jurisdiction for pack in BOOK.packs} - {"US"}))
STRICT = tuple(
    sorted(
        pack.jurisdiction
        for pack in BOOK.packs
        if pack.jurisdiction != "US"
        if {terms.rule for terms in pack.terms} & rulebook.OVERLAYS - LIMITATION
    )
)
"""States and cities with rules of their own on contacts, over and over where they have many."""
NOTICES = _said("notices")
PURPOSES = tuple(sorted({*_said("purposes"), "payment_demand", "collection", "marketing"}))
ZONES = (
    *("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Phoenix"),
    *("America/St_Johns", "Pacific/Guam", "Pacific/Honolulu", "Pacific/Pago_Pago"),
    *("Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham", "Australia/Lord_Howe"),
    *("Australia/Eucla", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Beirut", "America/Havana"),
    *("Africa/Casablanca", "Africa/Cairo", "Atlantic/Azores", "Antarctica/Troll"),
    *("America/Nuuk", "Europe/London"),
)

WORDS: dict[str, tuple[Any, ...]] = {
    "account_id": ACCOUNTS,
    "account_ids": ((), ACCOUNTS[:1], ACCOUNTS[1:], ACCOUNTS),
    "accounts": ACCOUNTS,
    "party_id": (CONSUMER, CONSUMER, *PARTIES),
    "contact_point_id": POINTS,
    "product_type": _said("product_types"),
    "label": LABELS,
    "state": tuple(STATE_ZONES),
    "governing_state": STATES,
    "forum_state": STATES,
    "zone": (*ZONES, "Mars/Base"),
    "district": ("AZ-maricopa", "TX-travis"),
    "notice": NOTICES,
    "purpose": PURPOSES,
    "factor": tuple(rebuttal.FACTORS),
    "reason": ("dispute", "cease", *_said("_reasons")),
    "chapter": (7, 13),
    "digest": tuple(f"digest-{each}" for each in POINTS),
    "weekdays": ((), (0, 1, 2, 3, 4), (5, 6), (1, 3)),
    "from_minute": (0, 0, 480, 600),
    "until_minute": (615, 780, 900, 1200, 1440),
    "authorities": ("MA", "WA", "NYC"),
}
_NEXT = (
    *("expires_at", "until", "present_until", "ends_on", "ended_on", "discharged_on"),
    *("expires_on", "last_date", "obsolete_from", "opt_out_ends_on"),
)
"""Fields that tell of the time to come as often as of what is over."""


def a(cls: type[T], random: Random, at: datetime, **fixed: Any) -> T:
    """Return a record as of an instant; half of the fields that have a default keep it."""
    hints = get_type_hints(cls)
    fields = {
        field.name: value(hints[field.name], field.name, random, at)
        for field in msgspec.structs.fields(cls)  # type: ignore[arg-type]
        if field.name not in fixed and (field.required or random.random() < 0.5)
    }
    return cls(**fields, **fixed)


def value(hint: Any, name: str, random: Random, at: datetime) -> Any:
    """Return a value of a field's type, likely for a field of that name."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        hint = random.choice([each for each in arguments if each is not NoneType])
        return None if NoneType in arguments and random.random() < 0.3 else value(
            hint, name, random, at
        )  # fmt: skip
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return a(hint, random, at)
    if name in WORDS:
        return random.choice(WORDS[name])
    if origin is Literal:
        return random.choice(arguments)
    if origin is tuple:
        each = [
            value(arguments[0], _singular(name), random, at)
            for _ in range(random.choice((0, 1, 1, 2)))
        ]
        return tuple(dict.fromkeys(each))
    if origin is dict:
        return {f"{name}_{number}": value(arguments[1], name, random, at) for number in range(2)}
    return _plain(hint, name, random, at)


def _plain(hint: Any, name: str, random: Random, at: datetime) -> Any:
    if hint is bool:
        return random.random() < 0.5
    if hint is int:
        return random.choice((1, 30, 600, 5000))
    if hint is datetime:
        back = random.choice((1, 4, 60, 1440, 9000, 20_000, 90_000)) * random.random()
        is_next = name in _NEXT and random.random() < 0.5
        return at + timedelta(seconds=round(60 * back)) * (1 if is_next else -1)
    if hint is date:
        days = random.choice((0, 1, 3, 5, 31, 400, 2000))
        return at.date() + timedelta(days=days) * (1 if name in _NEXT else random.choice((-1, 1)))
    if hint is str:
        return random.choice(WORDS.get(name.rpartition("_")[2], (f"{name}_{random.randrange(3)}",)))
    raise TypeError(f"{name}: nobody knows how to draw {hint}")


def _singular(name: str) -> str:
    return "locality" if name == "localities" else name.removesuffix("s")
