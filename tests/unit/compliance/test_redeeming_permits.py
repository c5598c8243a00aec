from datetime import timedelta

import pytest

from services.compliance.permits.domain import (
    GATES,
    PERMIT_TTL,
    Event,
    PermitRedeemed,
    PermitUnknown,
    RedemptionRefused,
)
from services.compliance.permits.domain.refusals import NoPermit
from services.compliance.rules import facts
from services.compliance.rules.request import Circumstances
from shared.testing.spec import Spec
from tests.unit.compliance.samples import NOON, World, email, gate, local, redeem, request

SPEC = Spec(GATES)


def rules(refused: Event) -> list[str]:
    assert isinstance(refused, RedemptionRefused)
    return [each.rule for each in refused.objections]


class TestRedeemPermit:
    def test_is_leave_to_begin_within_the_bound(self) -> None:
        world = World()
        redeemed = world.redeem(world.ask(), at=NOON + timedelta(minutes=1))
        assert isinstance(redeemed, PermitRedeemed)
        assert redeemed.dispatch_before == NOON + timedelta(minutes=2)

    def test_gives_a_message_less_time_than_a_call(self) -> None:
        world = World()
        redeemed = world.redeem(world.ask(email()), at=NOON)
        assert redeemed.dispatch_before == NOON + timedelta(seconds=10)

    def test_again_is_no_leave(self) -> None:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        again = redeem(at=NOON, permit_id=granted.permit_id, redemption_id="rdm_other")
        (refused,) = world.do(again)
        assert rules(refused) == ["permit-used"]

    @pytest.mark.parametrize(
        "change",
        [
            {"account_ids": ("acct_2",)},
            {"party_id": "pty_2"},
            {"channel": "voicemail"},
            {"contact_point_id": "cp_other"},
            {"purpose": "other"},
            {"content_digest": "other"},
            {"act": "reply"},
            {"portion": "undisputed"},
        ],
    )
    def test_is_refused_for_another_dispatch(self, change: dict[str, str]) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        granted = world.ask()
        (refused,) = world.do(redeem(request(**change), permit_id=granted.permit_id))
        assert isinstance(refused, RedemptionRefused)
        (mismatch,) = [each for each in refused.objections if each.rule == "permit-mismatch"]
        assert mismatch.facts["differs"] == next(iter(change))

    @pytest.mark.parametrize(
        ("late", "expected"), [(timedelta(microseconds=-1), []), (timedelta(0), ["permit-expired"])]
    )
    def test_is_refused_from_the_instant_of_expiry(
        self, late: timedelta, expected: list[str]
    ) -> None:
        world = World()
        answer = world.redeem(world.ask(), at=NOON + PERMIT_TTL + late)
        assert isinstance(answer, PermitRedeemed) == (not expected)
        if expected:
            assert rules(answer) == expected

    def test_is_refused_after_a_protective_fact(self) -> None:
        world = World()
        granted = world.ask()
        world.learn(facts.CeaseNotice(received_at=NOON), NOON, key="fact_cease")
        refused = world.redeem(granted, at=NOON + timedelta(seconds=1))
        assert rules(refused) == ["permit-revoked", "cease-notice"]

    def test_is_refused_when_the_hours_have_passed(self) -> None:
        world = World()
        granted = world.ask(email(), at=local("2026-06-10T20:59:30"))
        refused = world.redeem(granted, at=local("2026-06-10T20:59:51"))
        assert rules(refused) == ["permitted-hours"]

    @pytest.mark.parametrize(
        ("at", "is_lawful"), [("2026-06-10T20:59:00", True), ("2026-06-10T20:59:01", False)]
    )
    def test_needs_the_whole_bound_within_the_hours(self, at: str, is_lawful: bool) -> None:
        world = World()
        granted = world.ask(at=local("2026-06-10T20:58:59"))
        answer = world.redeem(granted, at=local(at))
        assert isinstance(answer, PermitRedeemed) == is_lawful

    def test_does_not_count_its_own_slot(self) -> None:
        world = World()
        for day in range(4, 10):
            world.called(local(f"2026-06-{day:02}T12:00"))
        granted = world.ask()
        assert isinstance(world.redeem(granted, at=NOON), PermitRedeemed)

    def test_is_refused_on_stale_facts(self) -> None:
        world = World()
        granted = world.ask()
        refused = world.redeem(granted, at=NOON, circumstances=Circumstances(stale=("ledger",)))
        assert rules(refused) == ["facts-stale"]

    def test_refused_once_may_be_tried_again(self) -> None:
        world = World()
        granted = world.ask()
        stale = Circumstances(stale=("ledger",))
        world.redeem(granted, at=NOON, circumstances=stale)
        again = redeem(permit_id=granted.permit_id, redemption_id="rdm_again")
        assert isinstance(world.do(again)[0], PermitRedeemed)

    def test_of_a_refused_permit_says_that_it_was(self) -> None:
        world = World()
        refused = world.ask(at=local("2026-06-10T03:00"))
        with pytest.raises(NoPermit):
            GATES.decide(redeem(permit_id=refused.permit_id), world.state)

    def test_of_an_unknown_permit_is_an_error(self) -> None:
        SPEC.given(*gate()).when(redeem()).then_raises(PermitUnknown)


class TestRevocation:
    @pytest.mark.parametrize(
        ("fact", "is_revoked"),
        [
            (facts.CeaseNotice(received_at=NOON), True),
            (facts.CeaseNotice(received_at=NOON, account_ids=("acct_2",)), False),
            (facts.OralStop(received_at=NOON), True),
            (facts.AttorneyRetained(received_at=NOON), True),
            (facts.OptOut(received_at=NOON, medium="call"), True),
            (facts.OptOut(received_at=NOON, medium="email"), False),
            (facts.OptOut(received_at=NOON, contact_point_id="cp_phone"), True),
            (facts.OptOut(received_at=NOON, contact_point_id="cp_email"), False),
            (facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON), True),
            (facts.AccountHold(account_id="acct_1", hold_id="h", reason="fraud"), True),
            (facts.AccountHold(account_id="acct_2", hold_id="h", reason="fraud"), False),
            (facts.AccountStanding(account_id="acct_1", lifecycle="recalled", owes=True), True),
            (facts.AccountStanding(account_id="acct_1", lifecycle="active", owes=True), False),
            (facts.WrongNumber(contact_point_id="cp_phone", learned_at=NOON), True),
            (facts.InconvenientTime(windows=(), received_at=NOON), True),
            (facts.EmployerProhibition(received_at=NOON), True),
            (facts.SubstantiationRequest(account_id="acct_1", received_at=NOON), True),
            (facts.SubstantiationRequest(account_id="acct_2", received_at=NOON), False),
            (facts.AutomatedConsent(given_at=NOON, withdrawn_at=NOON), False),
        ],
    )
    def test_ends_outstanding_permits_in_scope(self, fact: facts.Fact, is_revoked: bool) -> None:
        world = World()
        granted = world.ask()
        world.learn(fact, NOON, key="fact_1")
        assert (world.state.slots[granted.permit_id].status == "revoked") == is_revoked

    def test_names_the_fact(self) -> None:
        world = World()
        granted = world.ask()
        before = world.state
        world.learn(facts.OralStop(received_at=NOON), NOON, key="fact_stop")
        assert world.state.slots[granted.permit_id].revoked_by == "fact_stop"
        assert before.slots[granted.permit_id].status == "open"

    def test_leaves_a_used_permit_as_it_is(self) -> None:
        world = World()
        granted = world.ask()
        world.redeem(granted, at=NOON)
        world.learn(facts.CeaseNotice(received_at=NOON), NOON)
        assert world.state.slots[granted.permit_id].status == "redeemed"

    def test_frees_the_slot(self) -> None:
        world = World(gate(accounts=("acct_1", "acct_2")))
        for day in range(4, 10):
            world.called(local(f"2026-06-{day:02}T12:00"))
        world.ask()
        assert world.objecting() == {"call-frequency"}
        release = facts.OptOut(received_at=NOON, contact_point_id="cp_phone")
        world.learn(release, NOON)
        assert world.objecting() == {"opted-out-address"}
