"""The canaries that every agency has. Their numbers are in their ids: none is ever given anew.

By day nothing but the expected rule objects to most of them: a canary whose rule is gone is
granted. By night the hours object as well, and it is missed.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from services.compliance.canaries.domain import Canary
from services.compliance.rules import facts
from services.compliance.rules.act_request import Act, ActRequest, Furnish, LegalAction, Transfer
from services.compliance.rules.facts import Fact
from services.compliance.rules.request import ContactRequest
from shared.kernel import ids

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ONE_ZONE = ("America/New_York",)
AROUND_THE_WORLD = (
    "Pacific/Honolulu",
    "America/Chicago",
    "America/Noronha",
    "Africa/Johannesburg",
    "Asia/Dhaka",
    "Pacific/Guam",
)
"""Four hours apart: somewhere it is three in the morning, give or take two hours and a half."""
QUIET_STATE = "VT"
"""It has no rules on contacts of its own that would object beside the expected one."""
SUED_IN = "AZ"
"""Its limitation periods were read in the law itself."""

_CALL: dict[str, Any] = {"channel": "call", "kind": "phone", "label": "mobile"}
_TEXT: dict[str, Any] = {"channel": "text", "kind": "phone", "label": "mobile"}
_LETTER: dict[str, Any] = {"channel": "letter", "kind": "address", "label": "home"}


def _consumer(number: int) -> str:
    return ids.canary("cns", number)


def _account(number: int) -> str:
    return ids.canary("acct", number)


def _point(number: int) -> str:
    return ids.canary("cp", number)


def _digest(number: int) -> str:
    """Return what no address has for its digest: those are keyed, this is none of anything."""
    return sha256(_point(number).encode()).hexdigest()


def _debt(number: int, *, owes: bool = True) -> tuple[Fact, ...]:
    account_id = _account(number)
    return (
        facts.AccountKnown(account_id=account_id, product_type="credit_card"),
        facts.AccountStanding(account_id=account_id, lifecycle="active", owes=owes),
    )


def _home(zones: tuple[str, ...], state: str) -> Fact:
    return facts.LocationEvidence(evidence="residential_address", zones=zones, states=(state,))


def _contact(
    number: int,
    name: str,
    act: str,
    expects: str,
    *more: Fact,
    way: dict[str, Any],
    zones: tuple[str, ...] = ONE_ZONE,
    **counted: Any,
) -> Canary:
    point = facts.ContactPointKnown(
        contact_point_id=_point(number),
        point_kind=way["kind"],
        label=way["label"],
        digest=_digest(number),
        source="canary",
    )
    request = ContactRequest(
        consumer_id=_consumer(number),
        account_ids=(_account(number),),
        party_id=_consumer(number),
        channel=way["channel"],
        contact_point_id=_point(number),
        purpose="payment_demand",
        content_digest="",
    )
    return Canary(
        name=name,
        act=act,
        expects=expects,
        request=request,
        facts=(*_debt(number), _home(zones, QUIET_STATE), point, *more),
        **counted,
    )


def _other(number: int, name: str, sentence: str, expects: str, act: Act, *known: Fact) -> Canary:
    request = ActRequest(
        consumer_id=_consumer(number),
        account_ids=(_account(number),),
        party_id=_consumer(number),
        act=act,
    )
    return Canary(
        name=name,
        act=sentence,
        expects=expects,
        request=request,
        facts=(_home(ONE_ZONE, SUED_IN), *known),
    )


CANARIES: tuple[Canary, ...] = (
    _contact(
        1,
        "call-at-night",
        "A call at three in the morning, in one of the places where the consumer may be.",
        "permitted-hours",
        way=_CALL,
        zones=AROUND_THE_WORLD,
    ),
    _contact(
        2,
        "eighth-call",
        "An eighth call about one debt within seven days.",
        "call-frequency",
        way=_CALL,
        calls=7,
    ),
    _contact(
        3,
        "call-after-conversation",
        "A call within seven days of a conversation about the debt.",
        "call-cooldown",
        way=_CALL,
        calls=1,
        outcome="right_party_contact",
    ),
    _contact(
        4,
        "letter-after-cease",
        "A letter after a written demand to stop.",
        "cease-notice",
        facts.CeaseNotice(received_at=LONG_AGO),
        way=_LETTER,
    ),
    _contact(
        5,
        "letter-past-the-attorney",
        "A letter to a consumer whom an attorney represents.",
        "attorney-retained",
        facts.AttorneyRetained(received_at=LONG_AGO),
        way=_LETTER,
    ),
    _contact(
        6,
        "call-at-work",
        "A call to a place of work whose employer forbids such calls.",
        "employer-prohibits",
        facts.EmployerProhibition(received_at=LONG_AGO),
        way={**_CALL, "label": "work"},
    ),
    _contact(
        7,
        "letter-in-bankruptcy",
        "A demand for payment while a bankruptcy stay is in force.",
        "bankruptcy-stay",
        facts.Bankruptcy(learned_at=LONG_AGO, chapter=7, filed_on=LONG_AGO.date()),
        way=_LETTER,
    ),
    _contact(
        8,
        "text-after-opt-out",
        "A text after the consumer asked for no more texts.",
        "opted-out-medium",
        facts.OptOut(received_at=LONG_AGO, medium="text"),
        way=_TEXT,
    ),
    _contact(
        9,
        "letter-to-an-opted-out-address",
        "A letter to an address that was opted out for every debt.",
        "opted-out-address",
        facts.OptOut(received_at=LONG_AGO, contact_point_id=_point(9), digest=_digest(9)),
        way=_LETTER,
    ),
    _contact(
        10,
        "letter-on-a-disputed-debt",
        "A demand for payment of a debt that is disputed in writing and in time.",
        "dispute-open",
        facts.Dispute(account_id=_account(10), in_writing=True, received_at=LONG_AGO, timely=True),
        way=_LETTER,
    ),
    _contact(
        11,
        "letter-to-the-dead",
        "A letter to a consumer who has died.",
        "consumer-deceased",
        facts.ConsumerStatus(status="deceased", learned_at=LONG_AGO),
        way=_LETTER,
    ),
    _contact(
        12,
        "call-to-a-wrong-number",
        "A call to a number that was found to be somebody else's.",
        "wrong-number",
        facts.WrongNumber(contact_point_id=_point(12), learned_at=LONG_AGO),
        way=_CALL,
    ),
    _contact(
        13,
        "letter-on-facts-not-taken-in",
        "A letter while something that the caller has seen has not arrived.",
        "facts-stale",
        way=_LETTER,
        unapplied=("consumer-canary",),
    ),
    _other(
        14,
        "threat-to-sue-on-a-time-barred-debt",
        "A threat to sue after the last day that the creditor gave.",
        "time-barred",
        LegalAction(form="threat"),
        *_debt(14),
        facts.DebtHistory(
            account_id=_account(14),
            contract="written",
            governing_state=SUED_IN,
            defaulted_on=date(2200, 1, 1),  # so that no state's period is over
            stated_expiry=LONG_AGO.date(),
        ),
    ),
    _other(
        15,
        "threat-to-sue-after-the-period",
        "A threat to sue after the state's limitation period has run out.",
        "limitation-period",
        LegalAction(form="threat"),
        *_debt(15),
        facts.DebtHistory(
            account_id=_account(15),
            contract="written",
            governing_state=SUED_IN,
            defaulted_on=date(1990, 1, 1),
        ),
    ),
    _other(
        16,
        "furnishing-without-the-mark",
        "A disputed debt reported to a credit bureau without saying so.",
        "dispute-not-marked",
        Furnish(),
        *_debt(16),
        facts.SpokenWith(account_id=_account(16), spoken_at=LONG_AGO),
        facts.Dispute(account_id=_account(16), in_writing=False, received_at=LONG_AGO),
    ),
    _other(
        17,
        "sale-of-a-paid-debt",
        "The sale of a debt on which nothing is owed any more.",
        "paid-debt-transfer",
        Transfer(way="sale"),
        *_debt(17, owes=False),
    ),
)
