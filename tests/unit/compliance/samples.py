"""A gate in good order to tell stories with: one consumer in New York, one debt, three points."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.compliance.permits.domain import (
    GATES,
    Command,
    Event,
    FactRecorded,
    GateState,
    PermitGranted,
    PermitRefused,
    RecordFact,
    RedeemPermit,
    ReportOutcome,
    ReportUnpermittedAttempt,
    RequestPermit,
)
from services.compliance.rules import facts
from services.compliance.rules.facts import Fact
from services.compliance.rules.loading import load_book
from services.compliance.rules.request import SPOKEN, ContactRequest

NEW_YORK = ZoneInfo("America/New_York")
BOOK = load_book()
CONSUMER = "cns_1"
TZ_VERSION = "2026f"


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """Read a local time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


START = local("2026-05-01T09:00")
NOON = local("2026-06-10T12:00")


def request(**changes: Any) -> ContactRequest:
    """Ask to call about account 1."""
    return ContactRequest(
        **{
            "consumer_id": CONSUMER,
            "account_ids": ("acct_1",),
            "party_id": CONSUMER,
            "channel": "call",
            "contact_point_id": "cp_phone",
            "purpose": "payment_demand",
            "content_digest": "digest-script",
            **changes,
        }
    )


def email(**changes: Any) -> ContactRequest:
    """Ask to write an e-mail about account 1."""
    return request(**{"channel": "email", "contact_point_id": "cp_email", **changes})


def letter(**changes: Any) -> ContactRequest:
    """Ask to write a letter about account 1."""
    return request(**{"channel": "letter", "contact_point_id": "cp_address", **changes})


def text(**changes: Any) -> ContactRequest:
    """Ask to send a text about account 1."""
    return request(**{"channel": "text", **changes})


def visit(**changes: Any) -> ContactRequest:
    """Ask to come to the consumer's house about account 1."""
    return letter(**{"channel": "in_person", **changes})


def social(**changes: Any) -> ContactRequest:
    """Ask to write a private message on a social platform about account 1."""
    return request(**{"channel": "social", "contact_point_id": None, **changes})


def account(account_id: str, **changes: Any) -> list[Fact]:
    """Return what makes an account workable."""
    standing: dict[str, Any] = {"lifecycle": "active", "owes": True}
    return [
        facts.AccountKnown(
            account_id=account_id, product_type=changes.pop("product_type", "credit_card"),
            debt_key=changes.pop("debt_key", None),
        ),
        facts.AccountStanding(account_id=account_id, **{**standing, **changes}),
    ]  # fmt: skip


def point(point_id: str, kind: Any, label: str = "mobile", zone: str | None = None) -> Fact:
    """Return a contact point."""
    return facts.ContactPointKnown(
        contact_point_id=point_id,
        point_kind=kind,
        label=label,
        digest=f"digest-{point_id}",
        zones=(zone,) if zone else (),
    )


def gate(
    *more: Fact,
    zones: tuple[str, ...] = ("America/New_York",),
    accounts: tuple[str, ...] = ("acct_1",),
    states: tuple[str, ...] = ("VT",),
) -> list[Event]:
    """Return the events of a gate in good order, with more facts.

    Vermont has no rules on contacts of its own: its law adds nothing to the federal.
    """
    known: list[Fact] = [each for name in accounts for each in account(name)]
    known += [
        point("cp_phone", "phone"),
        point("cp_email", "email"),
        point("cp_address", "address", "home"),
        facts.LocationEvidence(
            evidence="residential_address", zones=zones, states=states if zones else ()
        ),
        facts.MessageConsent(
            medium="email", procedure="consumer_used", given_at=START, contact_point_id="cp_email"
        ),
        facts.MessageConsent(
            medium="text", procedure="direct_consent", given_at=NOON - timedelta(days=20)
        ),
    ]
    return [
        recorded(fact, key=f"setup-{number}", at=START)
        for number, fact in enumerate((*known, *more))
    ]


def recorded(fact: Fact, *, key: str = "fact_1", at: datetime = START) -> FactRecorded:
    """Return a fact's event."""
    return FactRecorded(
        consumer_ids=(CONSUMER,),
        fact_key=key,
        source_stream="contact-cns_1",
        source_version=1,
        fact=fact,
        at=at,
    )


def ask(
    what: ContactRequest | None = None,
    *,
    at: datetime = NOON,
    permit_id: str = "prm_1",
    **more: Any,
) -> RequestPermit:
    """Return a permit request."""
    return RequestPermit(
        permit_id=permit_id,
        request=what or request(),
        tz_version=TZ_VERSION,
        now=at,
        **{"book": BOOK, **more},
    )


def redeem(
    what: ContactRequest | None = None,
    *,
    at: datetime = NOON,
    permit_id: str = "prm_1",
    redemption_id: str = "rdm_1",
    **more: Any,
) -> RedeemPermit:
    """Return a redeem."""
    return RedeemPermit(
        permit_id=permit_id,
        redemption_id=redemption_id,
        request=what or request(),
        tz_version=TZ_VERSION,
        now=at,
        **{"book": BOOK, **more},
    )


class World:
    """A gate that goes on from event to event, for stories longer than one command."""

    def __init__(self, events: list[Event] | None = None) -> None:
        self.state: GateState = GATES.fold(gate() if events is None else events)
        self._count = 0

    def do(self, command: Command) -> tuple[Event, ...]:
        """Decide, fold, and check that deciding again yields nothing."""
        happened = GATES.decide(command, self.state)
        self.state = GATES.fold(happened, self.state)
        assert GATES.decide(command, self.state) == ()
        return happened

    def learn(self, fact: Fact, at: datetime, key: str | None = None, version: int = 1) -> None:
        """Record a fact."""
        self._count += 1
        self.do(
            RecordFact(
                consumer_id=CONSUMER,
                fact_key=key or f"fact_{self._count}",
                source_stream="contact-cns_1",
                source_version=version,
                fact=fact,
                now=at,
            )
        )

    def ask(self, what: ContactRequest | None = None, *, at: datetime = NOON, **more: Any) -> Any:
        """Request a permit and return the decision."""
        self._count += 1
        (decision,) = self.do(ask(what, at=at, permit_id=f"prm_{self._count}", **more))
        assert isinstance(decision, PermitGranted | PermitRefused)
        return decision

    def redeem(self, granted: PermitGranted, *, at: datetime, **more: Any) -> Any:
        """Redeem a permit and return the answer."""
        (answer,) = self.do(
            redeem(
                granted.request,
                at=at,
                permit_id=granted.permit_id,
                redemption_id=f"rdm_{granted.permit_id}",
                **more,
            )
        )
        return answer

    def contact(
        self, what: ContactRequest | None = None, *, at: datetime, outcome: str | None = None
    ) -> str:
        """Ask, redeem and conclude at one instant: nobody answered, or the message went out."""
        granted = self.ask(what, at=at)
        assert isinstance(granted, PermitGranted), granted
        self.redeem(granted, at=at)
        channel = granted.request.channel
        outcome = outcome or ("no_answer" if channel in SPOKEN else f"{channel}_sent")
        self.report(granted.permit_id, outcome, at=at)
        return granted.permit_id

    def report(self, permit_id: str, outcome: str, *, at: datetime, **more: Any) -> Any:
        """Report what came of an attempt."""
        self._count += 1
        (reported,) = self.do(
            ReportOutcome(
                consumer_id=CONSUMER,
                permit_id=permit_id,
                report_id=f"rep_{self._count}",
                outcome=outcome,
                now=at,
                **{"started_at": at, "ended_at": at, **more},
            )
        )
        return reported

    def called(self, at: datetime, what: ContactRequest | None = None, **more: Any) -> None:
        """Let a call have been made, whatever anyone thought of it."""
        self._count += 1
        self.do(
            ReportUnpermittedAttempt(
                **{
                    "attempt_id": f"att_{self._count}",
                    "request": what or request(),
                    "outcome": "no_answer",
                    "started_at": at,
                    "ended_at": at,
                    "now": at,
                    **more,
                }
            )
        )

    def verdict(self, what: ContactRequest | None = None, *, at: datetime = NOON) -> str:
        """Return what a request would be answered, and forget it."""
        (decision,) = GATES.decide(ask(what, at=at, permit_id="prm_try"), self.state)
        if isinstance(decision, PermitGranted):
            return "permit"
        assert isinstance(decision, PermitRefused)
        return decision.verdict

    def objecting(self, what: ContactRequest | None = None, *, at: datetime = NOON) -> set[str]:
        """Return the rules that would object."""
        (decision,) = GATES.decide(ask(what, at=at, permit_id="prm_try"), self.state)
        if isinstance(decision, PermitGranted):
            return set()
        assert isinstance(decision, PermitRefused)
        return {each.rule for each in decision.objections}

    def flags(self, what: ContactRequest | None = None, *, at: datetime = NOON) -> set[str]:
        """Return the flags a permit would carry."""
        (decision,) = GATES.decide(ask(what, at=at, permit_id="prm_try"), self.state)
        assert isinstance(decision, PermitGranted), decision
        return {each.flag for each in decision.flags}

    def earliest(self, what: ContactRequest | None = None, *, at: datetime = NOON) -> Any:
        """Return when a refused request would be permitted."""
        (decision,) = GATES.decide(ask(what, at=at, permit_id="prm_try"), self.state)
        assert isinstance(decision, PermitRefused), decision
        return decision.earliest_permitted_at
