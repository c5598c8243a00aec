"""Canaries: forbidden at every hour, granted or missed once their rule is gone, never redeemed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.compliance.canaries import domain
from services.compliance.canaries.domain import Canary, Tried
from services.compliance.canaries.flock import CANARIES
from services.compliance.permits.domain import (
    GATES,
    ClearAct,
    Event,
    GateState,
    PermitGranted,
    RecordFact,
    RedemptionRefused,
    RequestPermit,
)
from services.compliance.rules import facts
from services.compliance.rules.book import Book
from services.compliance.rules.catalogue import EVERY
from services.compliance.rules.request import Circumstances, ContactRequest
from shared.kernel import ids
from shared.kernel.clock import RandomIds
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK, TZ_VERSION, redeem

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 10, 17, tzinfo=UTC)  # 13:00 in Vermont
BY_NAME = {each.name: each for each in CANARIES}
NAMES = tuple(BY_NAME)
GUARDED_TWICE = {
    "text-after-opt-out",  # and no text or consent of the last sixty days allows it
    "threat-to-sue-after-the-period",  # without any period the debt is taken as time-barred
}


def folded(state: GateState, *commands: Any) -> GateState:
    for command in commands:
        state = GATES.fold(GATES.decide(command, state), state)
    return state


def planted(canary: Canary, at: datetime, state: GateState | None = None) -> GateState:
    """Return the gate once it knows what forbids the act."""
    known = state or GateState()
    stated = [
        RecordFact(
            consumer_id=canary.consumer_id,
            fact_key=key,
            source_stream=canary.source,
            source_version=version,
            fact=fact,
            now=at,
        )
        for key, fact, version in domain.unplanted(canary, known)
    ]
    calls = [
        domain.call_made(canary, f"att_{at.isoformat()}_{number}", at)
        for number in range(domain.calls_due(canary, known, at))
    ]
    return folded(known, *stated, *calls)


def decided(canary: Canary, state: GateState, at: datetime, book: Book = BOOK) -> Event:
    around: dict[str, Any] = {
        "book": book,
        "tz_version": TZ_VERSION,
        "now": at,
        "circumstances": Circumstances(unapplied=canary.unapplied),
    }
    command: RequestPermit | ClearAct
    if isinstance(canary.request, ContactRequest):
        command = RequestPermit(permit_id="prm_1", request=canary.request, **around)
    else:
        command = ClearAct(clearance_id="clr_1", request=canary.request, **around)
    (event,) = GATES.decide(command, state)
    return event


def tried(canary: Canary, state: GateState, at: datetime, book: Book = BOOK) -> Tried:
    event: Any = decided(canary, state, at, book)
    return domain.judged(canary, event)


def without(rule: str) -> Book:
    """Return the book with one rule never asked."""
    return Book(
        BOOK.packs,
        [each for each in BOOK.contact._bound if each.terms.rule != rule],
        [each for each in BOOK.acts._bound if each.terms.rule != rule],
        BOOK.content._bound,
    )


@pytest.mark.parametrize("name", NAMES)
class TestEachCanary:
    def test_is_refused_by_its_rule_at_every_hour_of_the_year(self, name: str) -> None:
        canary = BY_NAME[name]
        for first in (datetime(2026, month, 7, tzinfo=UTC) for month in (1, 3, 7, 11)):
            state = planted(canary, first - timedelta(minutes=1))
            for hour in range(48):
                answer = tried(canary, state, first + timedelta(hours=hour))
                assert answer.answer == "refused", (answer, first, hour)

    def test_is_seen_by_night_and_by_day_once_its_rule_is_gone(self, name: str) -> None:
        canary = BY_NAME[name]
        state, book = planted(canary, NOON - DAY), without(canary.expects)
        for hour in range(24):
            answer = tried(canary, state, NOON + timedelta(hours=hour), book)
            assert answer.answer in ("granted", "missed")

    def test_is_granted_by_day_once_its_rule_is_gone(self, name: str) -> None:
        canary = BY_NAME[name]
        answer = tried(canary, planted(canary, NOON - DAY), NOON, without(canary.expects))
        assert answer.answer == ("missed" if name in GUARDED_TWICE else "granted")

    def test_is_planted_until_its_calls_are_old_and_then_again(self, name: str) -> None:
        canary = BY_NAME[name]
        assert not domain.is_planted(canary, GateState(), NOON)
        state = planted(canary, NOON)
        assert domain.is_planted(canary, state, NOON)
        later = NOON + 30 * DAY
        assert domain.is_planted(canary, state, later) == (canary.calls == 0)
        assert domain.is_planted(canary, planted(canary, later, state), later)


class TestPlanting:
    def test_makes_calls_up_before_they_leave_the_seven_days(self) -> None:
        canary = BY_NAME["eighth-call"]
        state = planted(canary, NOON)
        assert domain.calls_due(canary, state, NOON + 4 * DAY - timedelta(seconds=1)) == 0
        assert domain.calls_due(canary, state, NOON + 4 * DAY) == 7
        assert tried(canary, state, NOON + 5 * DAY).answer == "refused"

    def test_states_a_fact_anew_that_a_release_has_changed(self) -> None:
        canary = BY_NAME["letter-after-cease"]
        *others, _ = canary.facts
        newer = facts.CeaseNotice(received_at=NOON)
        changed = replace(canary, facts=(*others, newer))
        state = planted(canary, NOON)
        assert [(fact, version) for _, fact, version in domain.unplanted(changed, state)] == [
            (newer, 2)
        ]
        assert domain.is_planted(changed, planted(changed, NOON, state), NOON)

    def test_makes_no_calls_up_where_an_act_is_no_contact(self) -> None:
        with pytest.raises(ValueError, match="contacts"):
            domain.call_made(BY_NAME["sale-of-a-paid-debt"], "att_1", NOON)


class TestRedeem:
    def test_is_refused_whoever_granted_the_permit(self) -> None:
        canary = BY_NAME["letter-after-cease"]
        state, book = planted(canary, NOON - DAY), without("cease-notice")
        granted = decided(canary, state, NOON, book)
        assert isinstance(granted, PermitGranted)
        command = redeem(granted.request, at=NOON, book=book)
        (refused,) = GATES.decide(command, GATES.fold((granted,), state))
        assert isinstance(refused, RedemptionRefused)
        assert [each.rule for each in refused.objections] == ["permit-of-canary"]


class TestFlock:
    def test_expects_rules_that_there_are(self) -> None:
        assert {each.expects for each in CANARIES} <= set(EVERY)

    def test_has_names_and_consumers_of_their_own(self) -> None:
        assert len(set(NAMES)) == len({each.consumer_id for each in CANARIES}) == len(CANARIES)

    def test_is_known_by_its_ids_and_streams(self) -> None:
        for each in CANARIES:
            named = (each.consumer_id, *each.request.account_ids, f"gate-{each.consumer_id}")
            assert all(map(ids.is_canary, named))
            assert ids.is_id("cns", each.consumer_id)
        drawn = [RandomIds().new("cns") for _ in range(100)]
        assert not any(ids.is_canary(each) or ids.is_canary(f"gate-{each}") for each in drawn)
        assert not any(map(ids.is_canary, ("", "licences-agency", "cns_canary", "0000canary")))
