"""The field types of all request bodies.

Bodies arrive as Python values from our own JSON reader and are validated in strict mode: nothing
is converted by guess, and every refusal has a stable code and a text without the value. Lists are
`list[...]` (strict mode takes no tuple from JSON) and choices are `Literal[...]`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.contactpoints import email, phone
from shared.contactpoints.postal import ZIP_PATTERN
from shared.contactpoints.problem import FieldProblem
from shared.http import text_rules
from shared.http.field_markers import Checked, integer, matching, one_of, text_of
from shared.http.field_times import TIME_OF_DAY_PATTERN, read_date, read_instant
from shared.kernel import ids
from shared.kernel.money import AMOUNT_LIMIT
from shared.location.states import POSTAL_STATES
from shared.location.zones import STATED_ZONES, stated_zone

NAME_CHARACTERS_MAX = 200


class StrictBody(BaseModel):
    """A request body, or an object in one: unknown fields and converted types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# ---------------------------------------------------------------- numbers


def _amount(minimum: int, detail: str) -> Checked:
    return integer(minimum, type_code="amount-format", range_code="amount-range", detail=detail)


AmountMinor = Annotated[int, _amount(1, "give a positive integer of minor units (cents)")]
NonNegativeAmount = Annotated[int, _amount(0, "give an integer of minor units, zero or more")]
SignedAmount = Annotated[int, _amount(1 - AMOUNT_LIMIT, "give an integer of minor units (cents)")]
Count = Annotated[
    int,
    integer(0, type_code="type", range_code="number-range", detail="give an integer from 0 on"),
]
CurrencyCode = Annotated[
    Literal["USD"], one_of(("USD",), code="currency", detail="give a supported currency: USD")
]

# ---------------------------------------------------------------- time

Date = Annotated[date, Checked(read_date, {"type": "string", "format": "date"})]
Instant = Annotated[datetime, Checked(read_instant, {"type": "string", "format": "date-time"})]
TimeOfDay = Annotated[
    str,
    matching(TIME_OF_DAY_PATTERN, code="time-of-day", detail="give a local time as HH:MM"),
]


def _read_time_zone(value: Any) -> str:
    zone = stated_zone(text_of(value))
    if zone is None:
        raise FieldProblem("time-zone", "give a US time zone by name, such as America/Chicago")
    return zone


TimeZoneName = Annotated[
    str, Checked(_read_time_zone, {"type": "string", "enum": list(STATED_ZONES)})
]

# ---------------------------------------------------------------- text


def ShortText(characters_max: int) -> Checked:
    """Mark one line of text; kept in NFC with single spaces."""
    return Checked(
        lambda value: text_rules.single_line(text_of(value), characters_max),
        {"type": "string", "minLength": 1, "maxLength": characters_max},
    )


def FreeText(characters_max: int, *, may_hold_card_numbers: bool = False) -> Checked:
    """Mark text of several lines, kept in NFC.

    Card numbers are refused, except where refusing would lose what a consumer said.
    """

    def read(value: Any) -> str:
        text = text_rules.multi_line(text_of(value), characters_max)
        if not may_hold_card_numbers:
            text_rules.refuse_card_numbers(text)
        return text

    return Checked(read, {"type": "string", "minLength": 1, "maxLength": characters_max})


PersonName = Annotated[str, ShortText(NAME_CHARACTERS_MAX)]

# ---------------------------------------------------------------- codes and ids


def TypeId(prefix: str) -> Checked:
    """Mark ids of one prefix. Those of canaries are nobody's to give."""
    if prefix not in ids.PREFIXES:
        raise LookupError(f"no id begins with {prefix}_")
    form = matching(
        f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$",
        code="id",
        detail=f"give an id that begins with {prefix}_",
    )

    def read(value: Any) -> Any:
        text = form.read(value)
        if ids.is_canary(text):
            raise FieldProblem("id-reserved", "give another id: this one is a canary's")
        return text

    return Checked(read, form.json_schema)


StateCode = Annotated[
    str,
    one_of(POSTAL_STATES, code="state", detail="give the two capital letters of a US state"),
]
ZipCode = Annotated[
    str, matching(ZIP_PATTERN, code="zip-code", detail="give 12345 or 12345-6789 as text")
]
CountryCode = Annotated[
    str, matching("^[A-Z]{2}$", code="country", detail="give two capital letters (ISO 3166)")
]
LanguageCode = Annotated[
    str,
    matching(
        "^[a-z]{2}(?:-[A-Z]{2})?$", code="language", detail="give a language such as en or es-US"
    ),
]
SsnLast4 = Annotated[
    str, matching("^[0-9]{4}$", code="ssn-last4", detail="give the last four digits as text")
]
IdempotencyKey = Annotated[
    str,
    matching(
        "^[A-Za-z0-9_.:-]{1,255}$",
        code="idempotency-key-invalid",
        detail="use 1 to 255 characters out of A-Z a-z 0-9 _ . : -",
    ),
]


NAMED_MAX = 12
"""How many of a long list an error names: its text is short, and the documentation has them all."""


def Purpose(purposes: tuple[str, ...]) -> Checked:
    """Mark what a contact is for.

    Released documents promise a form and no list, so the list stands in words.
    """
    listed = ", ".join(purposes)
    return one_of(
        purposes,
        code="value-not-allowed",
        detail="give one of the purposes that the documentation lists, such as"
        f" {', '.join(purposes[:NAMED_MAX])}",
        pattern=r"^[a-z][a-z_]{0,63}$",
        description=f"One of: {listed}.",
        examples=list(purposes),
    )


# ---------------------------------------------------------------- contact points

PhoneNumber = Annotated[
    phone.Phone,
    Checked(
        lambda value: phone.parse_phone(text_of(value)),
        {"type": "string", "pattern": phone.PATTERN},
    ),
]
EmailAddress = Annotated[
    email.Email,
    Checked(
        lambda value: email.parse_email(text_of(value)),
        {"type": "string", "format": "email", "maxLength": email.LENGTH_MAX},
    ),
]
