"""Profiles: contact points, consents, statements and what is heard."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.contact.profiles import domain as profiles
from services.contact.profiles.domain import commands, events, refusals, told
from shared.kernel.errors import DomainError
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.contact.samples import (
    CONSUMER,
    CONSUMERS,
    DIGEST,
    NOON,
    cease_requested,
    point_recorded,
    record_point,
    say,
    sealed,
)

spec = Spec(profiles.PROFILES)
LATER = NOON + timedelta(hours=1)


def release(**changes: Any) -> commands.ReleaseFact:
    values: dict[str, Any] = {
        "consumer_id": CONSUMER,
        "fact_id": "fact_1",
        "released_by": "key_1",
        "reason": "consumer_request",
        "now": LATER,
    }
    return commands.ReleaseFact(**values | changes)


def consent(**changes: Any) -> commands.RecordConsent:
    values: dict[str, Any] = {
        "consumer_id": CONSUMER,
        "consent_id": "cst_1",
        "medium": "text",
        "procedure": "direct_consent",
        "contact_point_id": "cp_1",
        "now": NOON,
    }
    return commands.RecordConsent(**values | changes)


def message(**changes: Any) -> commands.ReceiveMessage:
    values: dict[str, Any] = {
        "consumer_id": CONSUMER,
        "message_id": "inb_1",
        "channel": "text",
        "contact_point_id": "cp_1",
        "body": sealed(),
        "now": NOON,
    }
    return commands.ReceiveMessage(**values | changes)


def call(**changes: Any) -> commands.ReceiveCall:
    values: dict[str, Any] = {
        "consumer_id": CONSUMER,
        "message_id": "inb_1",
        "is_conversation": True,
        "started_at": NOON - timedelta(minutes=9),
        "ended_at": NOON,
        "contact_point_id": "cp_1",
        "now": NOON,
    }
    return commands.ReceiveCall(**values | changes)


class TestRecordContactPoint:
    def test_records_it(self) -> None:
        spec.when(record_point()).then(point_recorded())

    def test_records_a_further_account(self) -> None:
        both = point_recorded(account_ids=("acct_1", "acct_2"))
        spec.given(point_recorded()).when(record_point(account_id="acct_2")).then(both)

    def test_is_done_once_per_account(self) -> None:
        spec.given(point_recorded()).when(record_point()).then_nothing()


class TestRecordConsent:
    def test_is_given_now_unless_said_otherwise(self) -> None:
        (event,) = spec.given(point_recorded()).when(consent()).events()
        assert isinstance(event, events.ConsentRecorded)
        assert (event.given_at, event.given_to) == (NOON, "this_collector")

    def test_tells_compliance_all_that_its_rules_ask_for(self) -> None:
        asked = consent(procedure="creditor_notice", opt_out_ends_on=date(2026, 7, 10))
        (event,) = spec.given(point_recorded()).when(asked).events()
        kept = profiles.PROFILES.fold((point_recorded(), event)).facts["cst_1"]
        assert kept.version == 2
        assert kept.fact == told.MessageConsent(
            medium="text",
            procedure="creditor_notice",
            given_at=NOON,
            contact_point_id="cp_1",
            opt_out_ends_on=date(2026, 7, 10),
        )

    def test_refuses_an_unknown_point(self) -> None:
        spec.when(consent()).then_raises(refusals.ContactPointNotFound)

    def test_takes_an_unknown_point_from_a_placement(self) -> None:
        assert spec.when(consent(must_know_point=False)).events()

    def test_refuses_a_medium_that_cannot_reach_the_point(self) -> None:
        asked = consent(medium="email")
        spec.given(point_recorded()).when(asked).then_raises(refusals.MediumDoesNotFit)

    def test_refuses_the_future(self) -> None:
        asked = consent(given_at=NOON + timedelta(minutes=6))
        refusal = spec.given(point_recorded()).when(asked).then_raises(refusals.InTheFuture)
        assert refusal.pointer == "/given_at"

    def test_takes_a_slightly_fast_clock_as_now(self) -> None:
        asked = consent(given_at=NOON + timedelta(minutes=5))
        (event,) = spec.given(point_recorded()).when(asked).events()
        assert isinstance(event, events.ConsentRecorded)
        assert event.given_at == NOON

    def test_a_consent_to_calls_is_no_fact_of_the_gate(self) -> None:
        (event,) = spec.given(point_recorded()).when(consent(medium="call")).events()
        assert profiles.PROFILES.fold((point_recorded(), event)).facts == {}


class TestConsentToAutomatedCalls:
    asked = consent(
        medium="call",
        is_for_automated=True,
        account_ids=("acct_1",),
        expires_on=LATER.date(),
    )
    told_of = told.AutomatedConsent(
        given_at=NOON,
        contact_point_id="cp_1",
        expires_on=LATER.date(),
        account_ids=("acct_1",),
    )
    given = (point_recorded(), *spec.given(point_recorded()).when(asked).events())
    withdraw = commands.WithdrawConsent(consumer_id=CONSUMER, consent_id="cst_1", now=LATER)

    def fact(self, *past: events.Event) -> told.Fact:
        return profiles.PROFILES.fold(past).facts[profiles.automated_key("cst_1")].fact

    def test_is_a_fact_of_its_own(self) -> None:
        assert self.fact(*self.given) == self.told_of

    def test_stays_known_once_taken_back(self) -> None:
        (event,) = spec.given(*self.given).when(self.withdraw).events()
        assert isinstance(event, events.ConsentWithdrawn)
        assert (event.is_for_automated, event.given_at) == (True, NOON)
        assert (event.expires_on, event.account_ids) == (LATER.date(), ("acct_1",))
        assert self.fact(*self.given, event) == replace(self.told_of, withdrawn_at=LATER)

    def test_is_none_to_email(self) -> None:
        asked = consent(medium="email", contact_point_id=None, is_for_automated=True)
        refusal = spec.when(asked).then_raises(refusals.MediumDoesNotFit)
        assert refusal.pointer == "/is_for_automated"


class TestReport:
    @pytest.mark.parametrize(
        "said",
        [
            commands.Bankruptcy(filed_on=date(2026, 5, 2), discharged_on=date(2026, 5, 1)),
            commands.Bankruptcy(filed_on=date(2026, 5, 2), ended_on=date(2026, 5, 1)),
            commands.MilitaryService(started_on=date(2026, 5, 2), ended_on=date(2026, 5, 1)),
        ],
    )
    def test_refuses_an_end_before_the_start(self, said: commands.Said) -> None:
        spec.when(say(said)).then_raises(refusals.EndsBeforeItStarts)

    def test_refuses_a_check_of_what_is_no_number(self) -> None:
        check = commands.NumberCheck(
            contact_point_id="cp_1", answer="yes", consent_on=date(2026, 1, 1)
        )
        given = spec.given(point_recorded(kind="email"))
        given.when(say(check)).then_raises(refusals.MediumDoesNotFit)

    def test_refuses_conduct_to_come(self) -> None:
        conduct = commands.PriorConduct(conduct="threat", happened_at=NOON + timedelta(hours=1))
        refusal = spec.when(say(conduct)).then_raises(refusals.InTheFuture)
        assert refusal.pointer == "/happened_at"


class TestWithdrawConsent:
    given = spec.given(point_recorded()).when(consent()).events()
    withdraw = commands.WithdrawConsent(consumer_id=CONSUMER, consent_id="cst_1", now=LATER)

    def test_ends_it(self) -> None:
        (event,) = spec.given(point_recorded(), *self.given).when(self.withdraw).events()
        kept = profiles.PROFILES.fold((point_recorded(), *self.given, event)).facts["cst_1"]
        assert isinstance(kept.fact, told.MessageConsent)
        assert (kept.fact.withdrawn_at, kept.version) == (LATER, 3)

    def test_refuses_an_unknown_one(self) -> None:
        spec.when(self.withdraw).then_raises(refusals.ConsentNotFound)

    def test_is_done_once(self) -> None:
        past = spec.given(point_recorded(), *self.given).when(self.withdraw).events()
        spec.given(point_recorded(), *self.given, *past).when(self.withdraw).then_nothing()


class TestRecordStatement:
    def test_a_written_demand_is_a_cease_notice(self) -> None:
        asked = say(commands.Cease(in_writing=True, medium="letter"))
        spec.when(asked).then(cease_requested())
        fact = profiles.PROFILES.fold((cease_requested(),)).facts["fact_1"].fact
        assert fact == told.CeaseNotice(received_at=NOON, medium="letter")

    def test_a_spoken_demand_stops_the_telephone(self) -> None:
        asked = say(commands.Cease(in_writing=False, medium="call", account_ids=("acct_1",)))
        state = profiles.PROFILES.fold(spec.when(asked).events())
        assert state.facts["fact_1"].fact == told.OralStop(
            received_at=NOON, account_ids=("acct_1",)
        )

    def test_needs_no_placement(self) -> None:
        assert spec.when(say(commands.Attorney(attorney=sealed()))).events()

    def test_an_opted_out_point_binds_its_address(self) -> None:
        asked = say(commands.OptOut(contact_point_id="cp_1", medium="text"))
        (event,) = spec.given(point_recorded()).when(asked).events()
        assert isinstance(event, events.OptOutRecorded)
        assert (event.scope, event.digest) == ("contact_point", DIGEST)

    @pytest.mark.parametrize("medium", ["call", "in_person", "social"])
    def test_an_opted_out_medium_binds_no_address(self, medium: told.Medium) -> None:
        (event,) = spec.when(say(commands.OptOut(medium=medium))).events()
        assert isinstance(event, events.OptOutRecorded)
        assert (event.scope, event.medium, event.digest) == ("medium", medium, None)

    def test_nobody_is_to_come_to_an_address(self) -> None:
        asked = say(commands.OptOut(contact_point_id="cp_1", medium="in_person"))
        (event,) = spec.given(point_recorded(kind="address")).when(asked).events()
        assert isinstance(event, events.OptOutRecorded)
        assert (event.scope, event.medium) == ("contact_point", "in_person")

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (commands.OptOut(), refusals.OptsOutOfNothing),
            (commands.OptOut(contact_point_id="cp_9"), refusals.ContactPointNotFound),
            (
                commands.OptOut(contact_point_id="cp_1", medium="email"),
                refusals.MediumDoesNotFit,
            ),
            (
                commands.OptOut(contact_point_id="cp_1", medium="in_person"),
                refusals.MediumDoesNotFit,
            ),
            (
                commands.OptOut(contact_point_id="cp_1", medium="social"),
                refusals.MediumDoesNotFit,
            ),
            (commands.WrongNumber(contact_point_id="cp_9"), refusals.ContactPointNotFound),
            (commands.ThirdPartyDisclosure(contact_point_id="cp_9"), refusals.ContactPointNotFound),
            (commands.EmployerAddress(contact_point_id="cp_1"), refusals.MediumDoesNotFit),
            (commands.PriorConsent(lifts=()), refusals.ConsentsToNothing),
            (
                commands.PriorConsent(lifts=("time",), until=NOON),
                refusals.EndsBeforeItStarts,
            ),
            (
                commands.PriorConsent(
                    lifts=("time", "place"), windows=(told.WeeklyWindow(from_minute=1200),)
                ),
                refusals.ConsentScopeMixed,
            ),
            (
                commands.ExtraCalls(first_date=date(2026, 6, 2), last_date=date(2026, 6, 1)),
                refusals.EndsBeforeItStarts,
            ),
        ],
    )
    def test_refuses_what_cannot_be(self, said: commands.Said, error: type[DomainError]) -> None:
        spec.given(point_recorded()).when(say(said)).then_raises(error)

    def test_refuses_the_future(self) -> None:
        asked = say(commands.EmployerProhibits(), received_at=NOON + timedelta(days=1))
        spec.when(asked).then_raises(refusals.InTheFuture)

    def test_keeps_when_it_was_received(self) -> None:
        earlier = NOON - timedelta(days=2)
        (event,) = spec.when(say(commands.EmployerProhibits(), received_at=earlier)).events()
        assert isinstance(event, events.EmployerProhibitionStated)
        assert (event.received_at, event.at) == (earlier, NOON)

    def test_is_recorded_once(self) -> None:
        asked = say(commands.Cease(in_writing=True, medium="letter"))
        spec.given(cease_requested()).when(asked).then_nothing()

    def test_is_not_undone_by_its_own_repeat_after_release(self) -> None:
        past = spec.given(cease_requested()).when(release()).events()
        asked = say(commands.Cease(in_writing=True, medium="letter"))
        spec.given(cease_requested(), *past).when(asked).then_nothing()


class TestReleaseFact:
    def test_ends_it_by_whom_and_why(self) -> None:
        spec.given(cease_requested()).when(release()).then(
            events.ProtectiveFactReleased(
                consumer_ids=CONSUMERS,
                fact_id="fact_1",
                released_by="key_1",
                reason="consumer_request",
                at=LATER,
            )
        )

    def test_names_the_address_that_was_opted_out(self) -> None:
        opted_out = spec.given(point_recorded()).when(say(commands.OptOut(contact_point_id="cp_1")))
        past = (point_recorded(), *opted_out.events())
        (event,) = spec.given(*past).when(release()).events()
        assert isinstance(event, events.ProtectiveFactReleased)
        assert event.digest == DIGEST

    def test_refuses_an_unknown_one(self) -> None:
        spec.when(release()).then_raises(refusals.ProtectiveFactNotFound)

    def test_refuses_a_consent(self) -> None:
        given = spec.given(point_recorded()).when(consent()).events()
        asked = release(fact_id="cst_1")
        spec.given(point_recorded(), *given).when(asked).then_raises(
            refusals.ProtectiveFactNotFound
        )

    def test_is_done_once(self) -> None:
        past = spec.given(cease_requested()).when(release()).events()
        spec.given(cease_requested(), *past).when(release()).then_nothing()


class TestReceiveMessage:
    def test_records_it(self) -> None:
        (event,) = spec.given(point_recorded()).when(message()).events()
        assert isinstance(event, events.InboundMessageReceived)
        assert event.received_at == NOON

    def test_knows_whose_point_it_came_from(self) -> None:
        (event,) = spec.given(point_recorded(party_id="pty_2")).when(message()).events()
        assert isinstance(event, events.InboundMessageReceived)
        assert event.party_id == "pty_2"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"contact_point_id": "cp_9"}, refusals.ContactPointNotFound),
            ({"channel": "email"}, refusals.MediumDoesNotFit),
            ({"received_at": NOON + timedelta(hours=1)}, refusals.InTheFuture),
            ({"until": NOON - timedelta(seconds=1)}, refusals.EndsBeforeItStarts),
        ],
    )
    def test_refuses_what_cannot_be(
        self, changes: dict[str, Any], error: type[DomainError]
    ) -> None:
        spec.given(point_recorded()).when(message(**changes)).then_raises(error)

    def test_is_recorded_once(self) -> None:
        past = spec.given(point_recorded()).when(message()).events()
        spec.given(point_recorded(), *past).when(message()).then_nothing()


class TestReceiveCall:
    def test_records_it(self) -> None:
        (event,) = spec.given(point_recorded()).when(call()).events()
        assert isinstance(event, events.InboundCallReceived)
        assert event.is_conversation

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"ended_at": NOON - timedelta(hours=1)}, refusals.EndsBeforeItStarts),
            ({"ended_at": NOON + timedelta(hours=1)}, refusals.InTheFuture),
            ({"contact_point_id": "cp_9"}, refusals.ContactPointNotFound),
        ],
    )
    def test_refuses_what_cannot_be(
        self, changes: dict[str, Any], error: type[DomainError]
    ) -> None:
        spec.given(point_recorded()).when(call(**changes)).then_raises(error)

    def test_is_recorded_once(self) -> None:
        past = spec.given(point_recorded()).when(call()).events()
        spec.given(point_recorded(), *past).when(call()).then_nothing()


class TestVersion:
    def test_counts_what_was_folded(self) -> None:
        state = profiles.PROFILES.fold((point_recorded(), cease_requested()))
        assert (state.version, state.facts["fact_1"].version) == (2, 2)
