"""Calls and texts by machine: consent, revocation, reassignment, three to a home in thirty days."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.compliance.rules import facts
from services.compliance.rules.contact.automated_consent_revoked import honored_by
from shared.kernel.records import replace
from tests.unit.compliance.samples import (
    BOOK,
    NOON,
    START,
    World,
    gate,
    local,
    point,
    request,
    text,
)

CONSENT = facts.AutomatedConsent(given_at=START)
YESTERDAY = NOON.date() - timedelta(days=1)
HOME = point("cp_home", "phone", "landline")
WORK = point("cp_work", "phone", "work")
ODD = point("cp_odd", "phone", "main")


def recorded_voice(**changes: Any) -> Any:
    return request(**{"technology": "prerecorded", **changes})


class TestConsent:
    @pytest.mark.parametrize(
        ("what", "expected"),
        [
            (recorded_voice(), "deny"),
            (request(technology="autodialed"), "deny"),
            (text(technology="autodialed"), "deny"),
            (request(), "permit"),
            (text(), "permit"),
            (recorded_voice(contact_point_id="cp_work"), "permit"),
            (request(contact_point_id="cp_home", technology="autodialed"), "permit"),
            (recorded_voice(contact_point_id="cp_odd"), "deny"),
            (recorded_voice(purpose="emergency"), "permit"),
        ],
    )
    def test_is_asked_of_machines_on_mobiles(self, what: Any, expected: str) -> None:
        assert World(gate(HOME, WORK, ODD)).verdict(what) == expected

    @pytest.mark.parametrize(
        ("consent", "expected"),
        [
            (CONSENT, "permit"),
            (facts.AutomatedConsent(given_at=START, contact_point_id="cp_phone"), "permit"),
            (facts.AutomatedConsent(given_at=START, contact_point_id="cp_other"), "deny"),
            (facts.AutomatedConsent(given_at=NOON + timedelta(days=1)), "deny"),
            (facts.AutomatedConsent(given_at=START, party_id="pty_2"), "deny"),
            (facts.AutomatedConsent(given_at=START, account_ids=("acct_1",)), "permit"),
            (facts.AutomatedConsent(given_at=START, account_ids=("acct_2",)), "deny"),
            (facts.AutomatedConsent(given_at=START, expires_on=NOON.date()), "permit"),
            (facts.AutomatedConsent(given_at=START, expires_on=YESTERDAY), "deny"),
        ],
    )
    def test_is_of_the_person_for_the_number(self, consent: facts.Fact, expected: str) -> None:
        assert World(gate(consent)).verdict(recorded_voice()) == expected

    def test_is_for_every_account_that_is_spoken_of(self) -> None:
        world = World(gate(facts.AutomatedConsent(given_at=START, account_ids=("acct_1",))))
        both = recorded_voice(account_ids=("acct_1", "acct_2"))
        assert "automated-consent" in world.objecting(both)


class TestRevocation:
    REVOKED = facts.AutomatedConsent(given_at=START, withdrawn_at=NOON)

    def test_works_at_once_and_names_the_last_day_of_the_tcpa(self) -> None:
        decision = World(gate(self.REVOKED)).ask(recorded_voice(), at=NOON + timedelta(seconds=1))
        found = {each.rule: each.facts for each in decision.objections}
        assert found.keys() == {"automated-consent", "automated-consent-revoked"}
        assert found["automated-consent-revoked"]["tcpa_latest"] == "2026-06-25"

    def test_ends_with_a_new_consent(self) -> None:
        again = facts.AutomatedConsent(given_at=NOON + timedelta(minutes=1))
        world = World(gate(self.REVOKED, again))
        assert world.verdict(recorded_voice(), at=NOON + timedelta(hours=1)) == "permit"

    @pytest.mark.parametrize("ended", [{"expires_on": YESTERDAY}, {"account_ids": ("acct_2",)}])
    def test_is_seen_whatever_was_consented_to(self, ended: dict[str, Any]) -> None:
        world = World(gate(replace(self.REVOKED, **ended)))
        found = world.objecting(recorded_voice(), at=NOON + timedelta(hours=1))
        assert "automated-consent-revoked" in found

    def test_does_not_end_with_a_new_consent_once_that_expired(self) -> None:
        again = facts.AutomatedConsent(given_at=NOON + timedelta(minutes=1), expires_on=NOON.date())
        world = World(gate(self.REVOKED, again))
        found = world.objecting(recorded_voice(), at=NOON + timedelta(days=1))
        assert "automated-consent-revoked" in found

    def test_ends_an_outstanding_permit(self) -> None:
        world = World(gate(CONSENT))
        world.ask(recorded_voice())
        consent = facts.AutomatedConsent(given_at=START, withdrawn_at=NOON)
        world.learn(consent, NOON + timedelta(seconds=1))
        assert [each.status for each in world.state.slots.values()] == ["revoked"]

    def test_leaves_live_calls_alone(self) -> None:
        assert World(gate(self.REVOKED)).verdict() == "permit"

    @pytest.mark.parametrize(
        ("revoked_on", "last"),
        [
            ("2026-07-10", "2026-07-24"),
            ("2026-07-11", "2026-07-24"),
            ("2026-07-13", "2026-07-27"),
            ("2026-12-21", "2027-01-06"),  # Christmas and New Year's Day fall on Fridays
        ],
    )
    def test_would_have_ten_business_days(self, revoked_on: str, last: str) -> None:
        terms = BOOK.federal("automated-consent-revoked")
        assert honored_by(terms, date.fromisoformat(revoked_on)) == date.fromisoformat(last)

    def test_had_holidays_among_them_by_packs_of_before(self) -> None:
        terms = replace(BOOK.federal("automated-consent-revoked"), names={})
        assert honored_by(terms, date(2026, 12, 21)) == date(2027, 1, 4)

    @pytest.mark.parametrize(("minutes", "expected"), [(5, "permit"), (6, "review")])
    def test_is_confirmed_by_machine_within_minutes(self, minutes: int, expected: str) -> None:
        stop = facts.OptOut(received_at=NOON, medium="text")
        world = World(gate(stop, CONSENT))
        confirmation = text(act="opt_out_confirmation", technology="autodialed")
        at = NOON + timedelta(minutes=minutes)
        assert world.verdict(confirmation, at=at) == expected
        by_hand = text(act="opt_out_confirmation")
        assert world.verdict(by_hand, at=at) == "permit"


class TestReassigned:
    def check(self, answer: Any, **changes: Any) -> facts.ReassignmentCheck:
        return facts.ReassignmentCheck(
            **{
                "contact_point_id": "cp_phone",
                "checked_at": START + timedelta(days=1),
                "answer": answer,
                "consent_on": START.date(),
                **changes,
            }
        )

    def test_number_is_not_called_by_machine(self) -> None:
        world = World(gate(CONSENT, self.check("yes")))
        assert world.objecting(recorded_voice()) == {"reassigned-number"}
        assert world.verdict() == "permit"

    @pytest.mark.parametrize(
        ("answer", "changes", "flags"),
        [
            ("no", {}, set()),
            ("no_data", {}, {"reassigned-number"}),
            ("no", {"consent_on": START.date() + timedelta(days=1)}, {"reassigned-number"}),
            ("no", {"contact_point_id": "cp_other"}, {"reassigned-number"}),
        ],
    )
    def test_number_has_no_safe_harbor_without_a_clear_answer(
        self, answer: Any, changes: dict[str, Any], flags: set[str]
    ) -> None:
        assert World(gate(CONSENT, self.check(answer, **changes))).flags(recorded_voice()) == flags


class TestThreeInThirty:
    DAYS = ("2026-06-01", "2026-06-10", "2026-06-20")
    TO_HOME = recorded_voice(contact_point_id="cp_home")

    def called(self, *more: facts.Fact) -> World:
        world = World(gate(HOME, *more))
        for day in self.DAYS:
            world.called(local(f"{day}T12:00"), self.TO_HOME)
        return world

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-06-25T12:00", "defer"),
            ("2026-06-30T20:00", "defer"),
            ("2026-07-01T12:00", "permit"),
        ],
    )
    def test_are_all_a_home_gets_without_consent(self, at: str, expected: str) -> None:
        assert self.called().verdict(self.TO_HOME, at=local(at)) == expected

    def test_say_when_there_is_room_again(self) -> None:
        found = self.called().earliest(self.TO_HOME, at=local("2026-06-25T12:00"))
        assert found == local("2026-07-01T08:00:01")

    def test_do_not_bind_consented_or_live_calls(self) -> None:
        at = local("2026-06-25T12:00")
        assert self.called(CONSENT).verdict(self.TO_HOME, at=at) == "permit"
        expired = facts.AutomatedConsent(given_at=START, expires_on=YESTERDAY)
        assert self.called(expired).verdict(self.TO_HOME, at=at) == "defer"
        assert self.called().verdict(request(contact_point_id="cp_home"), at=at) == "permit"


class TestSolicitation:
    @pytest.mark.parametrize(
        ("purpose", "laws"),
        [
            ("payment_demand", {"REGF-TIME-WINDOW"}),
            ("telephone_solicitation", {"REGF-TIME-WINDOW", "TCPA-SOLICITATION-HOURS"}),
        ],
    )
    def test_alone_keeps_the_hours_of_the_tcpa(self, purpose: str, laws: set[str]) -> None:
        decision = World().ask(request(purpose=purpose), at=local("2026-06-02T07:30"))
        assert {each.law for each in decision.objections} == laws
