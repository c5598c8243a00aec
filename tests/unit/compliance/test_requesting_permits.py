from datetime import timedelta

import msgspec
import pytest

from services.compliance.permits.domain import GATES, PERMIT_TTL, PermitGranted, PermitRefused
from services.compliance.rules import facts
from services.compliance.rules.request import Circumstances, PointOptOut
from shared.eventstore import codec
from shared.testing.spec import Spec
from tests.unit.compliance.samples import BOOK, NOON, World, ask, gate, local, recorded, request

SPEC = Spec(GATES)


class TestRequestPermit:
    def test_is_granted_when_no_rule_objects(self) -> None:
        SPEC.given(*gate()).when(ask()).then(
            PermitGranted(
                consumer_ids=("cns_1",),
                permit_id="prm_1",
                request=request(),
                circumstances=Circumstances(),
                flags=(),
                answers=None,
                confirms=(),
                expires_at=NOON + PERMIT_TTL,
                rule_pack=BOOK.label,
                tz_version="2026f",
                watermarks={},
                trace_id="",
                at=NOON,
            )
        )

    def test_is_refused_with_every_rule_that_objects(self) -> None:
        cease = recorded(facts.CeaseNotice(received_at=NOON), key="fact_cease")
        hold = recorded(
            facts.AccountHold(account_id="acct_1", hold_id="hold_1", reason="dispute"), key="hold"
        )
        night = local("2026-06-10T23:00")
        (refused,) = SPEC.given(*gate(), cease, hold).when(ask(at=night)).events()
        assert isinstance(refused, PermitRefused)
        assert {each.rule for each in refused.objections} == {
            "cease-notice",
            "account-hold",
            "permitted-hours",
        }
        assert refused.verdict == "deny"
        assert refused.earliest_permitted_at is None

    def test_stores_what_is_needed_to_decide_again(self) -> None:
        stood_on = {"ledger": NOON - timedelta(seconds=1)}
        command = ask(watermarks=stood_on, trace_id="trace-1")
        (granted,) = SPEC.given(*gate()).when(command).events()
        assert isinstance(granted, PermitGranted)
        assert granted.watermarks == stood_on
        assert granted.trace_id == "trace-1"
        assert granted.tz_version == "2026f"

    def test_is_answered_once(self) -> None:
        world = World()
        granted = world.ask()
        assert GATES.decide(ask(permit_id=granted.permit_id), world.state) == ()

    def test_a_refusal_is_answered_once(self) -> None:
        world = World()
        refused = world.ask(at=local("2026-06-10T23:00"))
        assert GATES.decide(ask(permit_id=refused.permit_id), world.state) == ()

    def test_expires_no_later_than_its_lawful_window(self) -> None:
        granted = World().ask(at=local("2026-06-10T20:58:00"))
        assert granted.expires_at == local("2026-06-10T21:00:00")

    def test_expires_no_later_than_a_named_inconvenient_time(self) -> None:
        lunch = facts.InconvenientTime(
            windows=(facts.WeeklyWindow(from_minute=720, until_minute=780),), received_at=NOON
        )
        granted = World(gate(lunch)).ask(at=local("2026-06-10T11:57:00"))
        assert granted.expires_at == local("2026-06-10T12:00:00")

    @pytest.mark.parametrize(
        ("circumstances", "rule"),
        [
            (Circumstances(stale=("ledger",)), "facts-stale"),
            (Circumstances(unapplied=("account-acct_1",)), "facts-stale"),
            (Circumstances(is_point_read=False), "facts-stale"),
            (Circumstances(parked=("evt_1",)), "facts-parked"),
            (Circumstances(point_opt_outs=(PointOptOut(fact_key="f"),)), "opted-out-address"),
        ],
    )
    def test_is_refused_on_what_was_read_with_the_gate(
        self, circumstances: Circumstances, rule: str
    ) -> None:
        refused = World().ask(circumstances=circumstances)
        assert {each.rule for each in refused.objections} == {rule}
        assert refused.earliest_permitted_at is None

    def test_round_trips_through_the_codec(self) -> None:
        world = World()
        events = [world.ask(), world.ask(at=local("2026-06-10T23:00"))]
        for event in events:
            assert codec.decode(type(event), codec.encode(event)) == event
        stored = msgspec.json.encode(world.state)
        assert msgspec.json.decode(stored, type=type(world.state)) == world.state

    def test_decides_alike_from_the_stored_state(self) -> None:
        world = World()
        for day in range(1, 8):
            world.called(local(f"2026-06-0{day}T12:00"))
        stored = codec.decode(type(world.state), codec.encode(world.state))
        command = ask(at=local("2026-06-07T13:00"))
        assert GATES.decide(command, stored) == GATES.decide(command, world.state)


class TestObjections:
    def test_hold_ids_numbers_and_dates_only(self) -> None:
        world = World()
        for day in range(1, 8):
            world.called(local(f"2026-06-0{day}T12:00"))
        refused = world.ask(at=local("2026-06-07T13:00"))
        (objection,) = refused.objections
        assert objection.rule == "call-frequency"
        assert objection.law == "REGF-CALL-FREQ"
        assert "1006.14(b)" in objection.citation
        assert objection.facts["calls"] == 7
        assert refused.earliest_permitted_at == local("2026-06-08T08:00:01")
