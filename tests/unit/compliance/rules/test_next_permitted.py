"""What passes by waiting says so: permits that expire unused, places left, stays that end."""

from datetime import date, timedelta

import pytest

from services.compliance.permits.domain import ActRefused, PermitRefused
from services.compliance.rules import facts
from services.compliance.rules.act_request import AskInConversation
from services.compliance.rules.facts import Fact
from services.compliance.rules.request import ContactRequest
from tests.unit.compliance.samples import (
    CONSUMER,
    NOON,
    World,
    email,
    gate,
    local,
    request,
    text,
)
from tests.unit.compliance.test_clearing_acts import Acting

BEFORE = NOON - timedelta(days=1)
WROTE = facts.InboundMessage(
    message_id="inb_1", channel="text", received_at=NOON - timedelta(hours=1)
)
ATTORNEY = facts.AttorneyRetained(received_at=BEFORE)
STOP = facts.OptOut(received_at=BEFORE, medium="text")
STOP_THERE = facts.OptOut(received_at=BEFORE, contact_point_id="cp_phone")
AT_WORK = facts.InconvenientPlace(
    place="work",
    received_at=BEFORE,
    is_present=True,
    present_until=NOON + timedelta(hours=2, milliseconds=1),
)
STAY = facts.Bankruptcy(learned_at=BEFORE, filed_on=date(2026, 6, 1), ended_on=date(2026, 6, 20))
OLDER_STAY = facts.Bankruptcy(
    learned_at=BEFORE, filed_on=date(2026, 5, 1), ended_on=date(2026, 6, 30)
)
ENDLESS_STAY = facts.Bankruptcy(learned_at=BEFORE, filed_on=date(2026, 5, 1))


def refused(world: World, what: ContactRequest) -> PermitRefused:
    decided = world.ask(what, at=NOON)
    assert isinstance(decided, PermitRefused)
    return decided


@pytest.mark.parametrize("bar", [ATTORNEY, STOP, STOP_THERE], ids=lambda each: type(each).__name__)
def test_a_reply_taken_by_a_permit_comes_back_when_that_expires(bar: Fact) -> None:
    world = World(gate(bar, WROTE))
    granted = world.ask(text(act="reply"), at=NOON - timedelta(seconds=30))
    again = refused(world, text(act="reply"))
    assert again.earliest_permitted_at == granted.expires_at == NOON + timedelta(seconds=270)
    assert again.verdict == "deny"
    assert world.verdict(text(act="reply"), at=granted.expires_at) == "permit"
    world.redeem(granted, at=NOON)
    assert refused(world, text(act="reply")).earliest_permitted_at is None


def test_a_confirmation_taken_by_a_permit_comes_back_when_that_expires() -> None:
    world = World(gate(STOP))
    granted = world.ask(text(act="opt_out_confirmation"), at=NOON)
    assert refused(world, text(act="opt_out_confirmation")).earliest_permitted_at == (
        granted.expires_at
    )


def test_a_place_is_left_at_the_time_that_was_said() -> None:
    world = World(gate(AT_WORK))
    found = refused(world, text())
    assert found.earliest_permitted_at == NOON + timedelta(hours=2, seconds=1)
    assert world.verdict(text(), at=NOON + timedelta(hours=2)) == "deny"


@pytest.mark.parametrize(
    ("cases", "earliest"),
    [
        ((STAY,), local("2026-06-20T08:00:01")),
        ((STAY, OLDER_STAY), local("2026-06-30T08:00:01")),
        ((STAY, ENDLESS_STAY), None),
    ],
)
def test_a_stay_ends_with_the_last_of_the_cases(cases: tuple[Fact, ...], earliest: object) -> None:
    found = refused(World(gate(*cases)), request())
    assert found.earliest_permitted_at == earliest


def test_a_person_not_asked_after_all_may_be_asked() -> None:
    neighbour = facts.PartyKnown(party_id="pty_1", role="third_party")
    number = facts.ContactPointKnown(
        contact_point_id="cp_1",
        point_kind="phone",
        label="home",
        digest="digest-cp_1",
        zones=("America/New_York",),
        states=("VT",),
        party_id="pty_1",
    )
    what = request(party_id="pty_1", contact_point_id="cp_1", purpose="location_information")
    world = World(gate(neighbour, number))
    granted = world.ask(what, at=NOON)
    assert refused(world, what).earliest_permitted_at == granted.expires_at


def test_a_review_taken_by_a_permit_comes_back_when_that_expires() -> None:
    review = facts.CallReview(
        factor="active_litigation",
        decision="approved",
        reviewer_id="usr_1",
        reviewed_at=NOON - timedelta(minutes=1),
        expires_at=NOON + timedelta(days=1),
        account_ids=("acct_1",),
    )
    world = World(gate(review))
    for day in range(3, 10):
        world.called(local(f"2026-06-{day:02}T10:00"))
    what = request(purpose="active_litigation")
    granted = world.ask(what, at=NOON)
    again = refused(world, what)
    assert again.verdict == "review"
    assert again.earliest_permitted_at == granted.expires_at


def test_consent_may_be_asked_for_once_the_hours_begin() -> None:
    asked = Acting().clear(
        AskInConversation(question="consent_to_continue"), at=local("2026-06-10T06:00")
    )
    assert isinstance(asked, ActRefused)
    assert asked.earliest_permitted_at == local("2026-06-10T08:00:01")
    assert asked.verdict == "deny"


def test_an_email_is_no_reply_to_a_text() -> None:
    world = World(gate(ATTORNEY, WROTE))
    world.ask(text(act="reply"), at=NOON)
    found = refused(world, email(act="reply", party_id=CONSUMER))
    assert found.earliest_permitted_at is None
