"""What contact does about other services' events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.compliance.rules.outcomes import OUTCOMES
from services.contact.attempts import reactions as attempt_reactions
from services.contact.attempts.domain import outcomes
from services.contact.foreign import (
    AccountPlaced,
    PermitRevoked,
    PlacedConsent,
    PlacedContactPoint,
)
from services.contact.profiles import domain as profiles
from services.contact.profiles import reactions
from services.contact.profiles.domain import events
from shared.eventstore.transact import Issue, Moment
from shared.kernel.ids import is_id
from shared.messaging.feed import START, Envelope
from tests.unit.contact.samples import DIGEST, NOON, sealed

ENVELOPE = Envelope(
    source="ledger",
    position=START,
    tenant="agy_1",
    stream="account-acct_1",
    version=1,
    event_id="evt_1",
    type="forbear.ledger.account-placed.v1",
    data=b"{}",
    metadata_bytes=b"{}",
    occurred_at=NOON,
    recorded_at=NOON,
)


def moment(now: datetime = NOON) -> Moment:
    return Moment(now=now, system_now=now, watermarks={}, parked=(), guards={})


def point(**changes: Any) -> PlacedContactPoint:
    values: dict[str, Any] = {
        "contact_point_id": "cp_1",
        "party_id": "pty_1",
        "consumer_id": "cns_1",
        "kind": "email",
        "label": "personal",
        "value": sealed(),
        "digest": DIGEST,
    }
    return PlacedContactPoint(**values | changes)


def placed(*points: PlacedContactPoint) -> AccountPlaced:
    return AccountPlaced(
        account_id="acct_1",
        creditor_id="crd_1",
        consumer_ids=("cns_1", "cns_2"),
        current_creditor_name="Example Receivables",
        at=NOON,
        contact_points=points,
    )


def lived(issues: Any, now: datetime = NOON) -> list[events.Event]:
    """Return what the issues lead to, and check that a repeat adds nothing."""
    states: dict[str, profiles.Profile] = {}
    happened: list[events.Event] = []
    for issue in (*issues, *issues):
        assert isinstance(issue, Issue)
        state = states.get(issue.stream, profiles.Profile())
        decided = profiles.PROFILES.decide(issue.command(moment(now)), state)
        states[issue.stream] = profiles.PROFILES.fold(decided, state)
        happened.extend(decided)
    return happened


class TestAPlacement:
    def test_makes_points_and_consents_known_once(self) -> None:
        consents = (
            PlacedConsent(
                procedure="creditor_notice",
                medium="email",
                given_on=date(2026, 3, 1),
                notice_sent_on=date(2026, 4, 1),
                opt_out_by=date(2026, 5, 10),
            ),
        )
        recorded, given = lived(reactions.placed(placed(point(consents=consents)), ENVELOPE))
        assert isinstance(recorded, events.ContactPointRecorded)
        assert (recorded.consumer_ids, recorded.party_id) == (("cns_1",), None)
        assert isinstance(given, events.ConsentRecorded)
        assert given.given_at == datetime(2026, 4, 1, 12, tzinfo=UTC)
        assert (given.given_to, given.opt_out_ends_on) == ("creditor", date(2026, 5, 10))
        assert is_id("cst", given.consent_id)

    def test_files_another_partys_point_with_the_primary_consumer(self) -> None:
        attorney = point(consumer_id=None, party_id="pty_9")
        (recorded,) = lived(reactions.placed(placed(attorney), ENVELOPE))
        assert isinstance(recorded, events.ContactPointRecorded)
        assert (recorded.consumer_ids, recorded.party_id) == (("cns_1",), "pty_9")

    def test_files_a_co_debtors_point_with_them(self) -> None:
        (recorded,) = lived(reactions.placed(placed(point(consumer_id="cns_2")), ENVELOPE))
        assert recorded.consumer_ids == ("cns_2",)

    def test_takes_a_consent_of_today_before_noon(self) -> None:
        consent = PlacedConsent(procedure="consumer_used", medium="email", given_on=NOON.date())
        morning = NOON - timedelta(hours=3)
        issues = reactions.placed(placed(point(consents=(consent,))), ENVELOPE)
        _, given = lived(issues, morning)
        assert isinstance(given, events.ConsentRecorded)
        assert given.given_at == morning


class TestARevokedPermit:
    def test_cancels_the_attempt_of_its_number(self) -> None:
        revoked = PermitRevoked(permit_id="prm_7", by_fact="fact_1")
        (issue,) = attempt_reactions.revoked(revoked, ENVELOPE)
        assert issue.stream == "attempt-att_7"


class TestOutcomes:
    def test_are_those_that_compliance_knows(self) -> None:
        ours = outcomes.CALL_OUTCOMES | outcomes.EMAIL_OUTCOMES
        assert ours <= set(OUTCOMES)
        spoken = {code for code, each in OUTCOMES.items() if each.conversation == "yes"}
        assert spoken == outcomes.CONVERSATIONS
