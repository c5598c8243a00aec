"""What gates learn of messages and validation notices, as contact tells it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.compliance.facts import attempts_from_contact, from_contact
from services.compliance.facts.attempts_from_contact import AttemptConcluded
from services.compliance.facts.from_contact import InboundMessageReceived
from services.compliance.permits.domain import PermitGranted, UnpermittedAttemptReported
from services.compliance.rules import facts
from shared.eventstore.transact import Issue, Moment
from shared.kernel.records import replace
from shared.messaging.feed import START, Envelope
from tests.unit.compliance.samples import (
    CONSUMER,
    NOON,
    World,
    email,
    gate,
    letter,
    local,
    point,
    request,
    text,
)

METADATA = b'{"correlation_id":"cor_1","causation_id":"evt_0","actor":"key_1"}'
MOMENT = Moment(now=NOON, system_now=NOON, watermarks={}, parked=(), guards={})


def envelope(stream: str, version: int = 1) -> Envelope:
    return Envelope(
        source="contact", position=START, tenant="agy_1", stream=stream, version=version,
        event_id="evt_1", type="x", data=b"{}", metadata_bytes=METADATA, occurred_at=NOON,
        recorded_at=NOON,
    )  # fmt: skip


def learned(world: World, issues: Any) -> None:
    for issue in issues:
        assert isinstance(issue, Issue)
        world.do(issue.command(MOMENT))


def wrote(channel: Any, contact_point_id: str | None, **changes: Any) -> InboundMessageReceived:
    return InboundMessageReceived(
        **{
            "consumer_ids": (CONSUMER,),
            "message_id": "inb_1",
            "channel": channel,
            "contact_point_id": contact_point_id,
            "received_at": NOON,
            **changes,
        }
    )


class TestMessage:
    def test_opens_its_address_for_good(self) -> None:
        world = World(gate(point("cp_email_2", "email", "main")))
        what = email(contact_point_id="cp_email_2")
        learned(world, from_contact.heard(wrote("email", "cp_email_2"), envelope("contact-cns_1")))
        later = NOON + timedelta(days=200)
        world.called(later)  # the message itself is forgotten here
        assert world.verdict(what, at=later) == "permit"

    def test_opens_its_number_for_sixty_days(self) -> None:
        world = World(gate(point("cp_phone_2", "phone")))
        learned(world, from_contact.heard(wrote("text", "cp_phone_2"), envelope("contact-cns_1")))
        what = text(contact_point_id="cp_phone_2")
        assert world.verdict(what, at=NOON + timedelta(days=60)) == "permit"
        assert world.verdict(what, at=NOON + timedelta(days=61)) == "deny"

    @pytest.mark.parametrize(
        "message", [wrote("letter", "cp_address"), wrote("portal", None), wrote("email", None)]
    )
    def test_opens_nothing_else(self, message: InboundMessageReceived) -> None:
        assert len(from_contact.heard(message, envelope("contact-cns_1"))) == 1

    def test_comes_again_as_the_same_fact(self) -> None:
        world = World()
        before = len(world.state.facts)
        for version in (1, 2, 3):
            message = wrote("email", "cp_email", message_id=f"inb_{version}")
            learned(world, from_contact.heard(message, envelope("contact-cns_1", version)))
        assert len(world.state.facts) == before + 3 + 1


class TestValidationNotice:
    def concluded(self, **changes: Any) -> AttemptConcluded:
        return AttemptConcluded(
            **{
                "consumer_ids": (CONSUMER,),
                "attempt_id": "att_1",
                "account_ids": ("acct_1",),
                "channel": "letter",
                "contact_point_id": "cp_address",
                "outcome": "letter_sent",
                "started_at": local("2026-06-01T12:00"),
                "ended_at": None,
                "discussed": (),
                "raised": (),
                "is_permitted": True,
                "party_id": CONSUMER,
                "purpose": "validation_notice",
                "content_digest": "0",
                "at": NOON,
                **changes,
            }
        )

    def world(self, *concluded: AttemptConcluded) -> World:
        dispute = facts.Dispute(
            account_id="acct_1", in_writing=True, received_at=local("2026-07-09T12:00")
        )
        world = World(gate(dispute))
        for version, each in enumerate(concluded, 1):
            told = attempts_from_contact.validation_provided(
                each, envelope("attempt-att_1", version)
            )
            learned(world, told)
        return world

    def test_bounds_the_time_to_dispute(self) -> None:
        at = local("2026-07-10T12:00")
        assert self.world().objecting(letter(), at=at) == {"dispute-open"}
        assert self.world(self.concluded()).verdict(letter(), at=at) == "permit"

    def test_is_none_once_it_came_back(self) -> None:
        back = self.concluded(outcome="letter_returned")
        world = self.world(self.concluded(), back)
        assert world.objecting(letter(), at=local("2026-07-10T12:00")) == {"dispute-open"}

    @pytest.mark.parametrize(
        "changes",
        [
            {"purpose": "payment_demand"},
            {"channel": "call", "outcome": "right_party_contact"},
            {"outcome": "not_attempted_permit_released"},
        ],
        ids=str,
    )
    def test_is_nothing_else(self, changes: dict[str, Any]) -> None:
        event = self.concluded(**changes)
        assert attempts_from_contact.validation_provided(event, envelope("attempt-att_1")) == ()


REACT = {each.event: each.react for each in from_contact.HANDLERS}


def read(world: World, said: Any, version: int = 1) -> None:
    """Let the gate read one of contact's events."""
    react = REACT[type(said)]
    assert react is not None
    learned(world, react(said, envelope("contact-cns_1", version)))


def known(world: World, kind: type) -> list[Any]:
    return [each.fact for each in world.state.facts.values() if isinstance(each.fact, kind)]


def rules_of(decision: Any) -> set[str]:
    return {each.rule for each in getattr(decision, "objections", ())}


class TestConsentToAutomatedCalls:
    GIVEN = from_contact.ConsentRecorded(
        consumer_ids=(CONSUMER,),
        consent_id="cst_1",
        account_ids=(),
        medium="call",
        procedure="direct_consent",
        given_to="creditor",
        given_at=NOON - timedelta(days=9),
        contact_point_id="cp_phone",
        is_for_automated=True,
    )
    TAKEN_BACK = from_contact.ConsentWithdrawn(
        consumer_ids=(CONSUMER,),
        consent_id="cst_1",
        withdrawn_at=NOON - timedelta(minutes=1),
        is_for_automated=True,
        given_at=GIVEN.given_at,
        contact_point_id="cp_phone",
    )

    def test_lets_an_autodialer_call_until_it_is_taken_back(self) -> None:
        world = World()
        asked = request(technology="autodialed")
        assert rules_of(world.ask(asked)) == {"automated-consent"}
        read(world, self.GIVEN)
        assert world.verdict(asked) == "permit"
        read(world, self.TAKEN_BACK, 2)
        assert "automated-consent-revoked" in rules_of(world.ask(asked))
        assert world.verdict(request()) == "permit"

    def test_names_its_last_day_and_its_accounts_as_contact_tells_them(self) -> None:
        world = World()
        narrow: dict[str, Any] = {"account_ids": ("acct_1",), "expires_on": NOON.date()}
        told_of = facts.AutomatedConsent(
            given_at=self.GIVEN.given_at, contact_point_id="cp_phone", **narrow
        )
        read(world, replace(self.GIVEN, **narrow))
        assert known(world, facts.AutomatedConsent) == [told_of]
        read(world, replace(self.TAKEN_BACK, **narrow), 2)
        assert known(world, facts.AutomatedConsent) == [
            replace(told_of, withdrawn_at=self.TAKEN_BACK.withdrawn_at)
        ]

    def test_ends_with_its_last_day(self) -> None:
        world = World()
        read(world, replace(self.GIVEN, expires_on=NOON.date()))
        asked = request(technology="prerecorded")
        assert world.verdict(asked) == "permit"
        assert world.objecting(asked, at=NOON + timedelta(days=1)) == {"automated-consent"}


class TestCallAgainstAVeto:
    TO_HOME = request(technology="prerecorded", contact_point_id="cp_home")

    def concluded(self, day: str) -> AttemptConcluded:
        at = local(f"{day}T12:00")
        return AttemptConcluded(
            consumer_ids=(CONSUMER,),
            attempt_id=f"att_{day}",
            account_ids=("acct_1",),
            channel="call",
            contact_point_id="cp_home",
            outcome="no_answer",
            started_at=at,
            ended_at=at,
            discussed=(),
            raised=(),
            is_permitted=False,
            party_id=CONSUMER,
            purpose="payment_demand",
            content_digest="0",
            at=at,
            technology="prerecorded",
        )

    def test_counts_where_only_its_end_is_told(self) -> None:
        ended = replace(self.concluded("2026-06-01"), started_at=None, at=NOON)
        (issue,) = attempts_from_contact.count_unpermitted(ended, envelope("attempt-1"))
        assert isinstance(issue, Issue)
        world = World(gate(point("cp_home", "phone", "landline")))
        (reported,) = world.do(issue.command(MOMENT))
        assert isinstance(reported, UnpermittedAttemptReported)
        assert reported.started_at == reported.ended_at == ended.ended_at

    def test_counts_as_a_recording_for_thirty_days(self) -> None:
        world = World(gate(point("cp_home", "phone", "landline")))
        for day in ("2026-06-01", "2026-06-10", "2026-06-20"):
            called = self.concluded(day)
            for issue in attempts_from_contact.count_unpermitted(called, envelope("attempt-1")):
                assert isinstance(issue, Issue)
                world.do(issue.command(replace(MOMENT, now=called.at)))
        late = local("2026-06-29T12:00")
        assert world.objecting(self.TO_HOME, at=late) == {"prerecorded-residential"}
        assert world.verdict(self.TO_HOME, at=local("2026-07-01T12:00")) == "permit"


def reported(event: type, **said: Any) -> Any:
    return event(consumer_ids=(CONSUMER,), fact_id="fact_1", **said)


class TestReport:
    @pytest.mark.parametrize(
        ("said", "rule"),
        [
            (
                reported(
                    from_contact.BankruptcyReported, chapter=7, filed_on=None, ended_on=None,
                    discharged_on=None, account_ids=(), stay_lifted=(), postpetition=(),
                    reaffirmed=(), learned_at=NOON,
                ),
                "bankruptcy-stay",
            ),
            (
                reported(
                    from_contact.NumberChecked, contact_point_id="cp_phone", answer="yes",
                    consent_on=NOON.date(), checked_at=NOON,
                ),
                "reassigned-number",
            ),
            (
                reported(
                    from_contact.InitialCommunicationReported, account_id="acct_1", is_oral=True,
                    holds_validation=False, happened_at=NOON - timedelta(days=6),
                ),
                "validation-due",
            ),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )  # fmt: skip
    def test_binds_once_it_is_read(self, said: Any, rule: str) -> None:
        world = World()
        read(world, said)
        assert rule in rules_of(world.ask(request(technology="autodialed")))

    @pytest.mark.parametrize(
        ("said", "rule"),
        [
            (
                reported(
                    from_contact.DebtPositionStated, position="does_not_owe", account_ids=(),
                    received_at=NOON,
                ),
                "call-after-statement",
            ),
            (
                reported(
                    from_contact.PriorConductReported, conduct="threat", happened_at=NOON
                ),
                "prior-conduct",
            ),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )  # fmt: skip
    def test_flags_calls_once_it_is_read(self, said: Any, rule: str) -> None:
        world = World()
        read(world, said)
        decision = world.ask()
        assert isinstance(decision, PermitGranted)
        assert rule in {each.flag for each in decision.flags}

    def test_keeps_what_bears_on_acts(self) -> None:
        theft = reported(
            from_contact.IdentityTheftReported, account_id="acct_1", source="agency_block",
            received_at=NOON,
        )  # fmt: skip
        service = reported(
            from_contact.MilitaryServiceReported, started_on=NOON.date(), ended_on=None,
            notice_received_on=None,
        )  # fmt: skip
        world = World()
        for version, each in enumerate((theft, service), 1):
            read(world, msgspec.structs.replace(each, fact_id=f"fact_{version}"), version)
        kept = [each.fact for each in world.state.facts.values()]
        report = facts.IdentityTheftReport(
            account_id="acct_1", source="agency_block", received_at=NOON
        )
        assert {report, facts.MilitaryService(started_on=NOON.date())} <= set(kept)
