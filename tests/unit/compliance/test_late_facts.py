"""Contacts that a fact would have forbidden which was learnt after them."""

from datetime import timedelta

from services.compliance.late_facts.domain import LateFact, Since, late_facts
from services.compliance.permits.domain import GATES, Event, ReportUnpermittedAttempt, commands
from services.compliance.rules import facts
from services.compliance.rules.facts import Fact
from services.compliance.rules.validity import ALWAYS, valid_from
from tests.unit.compliance.samples import BOOK, NOON, World, email, gate, request

DAY = timedelta(days=1)


class Told(World):
    """A gate whose events are kept."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        super().__init__()
        self.log.extend(gate())

    def do(self, command: commands.Command) -> tuple[Event, ...]:
        happened = super().do(command)
        self.log.extend(happened)
        return happened

    def late(self, since: Since | None = None) -> list[LateFact]:
        return late_facts(self.log, lambda contact: BOOK, since)


def forbidden(world: Told) -> list[tuple[str, str]]:
    """Return the contacts that late facts forbid, with the first objection's rule."""
    return [
        (one.contact.contact_id, one.objections[0].rule)
        for each in world.late()
        for one in each.contacts
    ]


def test_names_those_since_it_held_and_no_others() -> None:
    world = Told()
    world.contact(at=NOON)
    second = world.contact(at=NOON + DAY)
    third = world.contact(email(), at=NOON + 2 * DAY)
    cease = facts.CeaseNotice(received_at=NOON + DAY)
    world.learn(cease, NOON + 3 * DAY)
    assert forbidden(world) == [(second, "cease-notice"), (third, "cease-notice")]
    (found,) = world.late()
    assert (found.held_from, found.learnt_at) == (NOON + DAY, NOON + 3 * DAY)
    assert found.released_at is None


def test_a_fact_that_was_known_in_time_exposes_nothing() -> None:
    world = Told()
    world.contact(at=NOON)
    world.learn(facts.CeaseNotice(received_at=NOON + DAY), NOON + DAY)
    assert world.late() == []


def test_a_number_that_was_never_theirs_exposes_every_call_to_it() -> None:
    world = Told()
    called = world.contact(at=NOON)
    world.contact(email(), at=NOON + DAY)
    world.learn(
        facts.WrongNumber(contact_point_id="cp_phone", learned_at=NOON + 2 * DAY), NOON + 2 * DAY
    )
    assert forbidden(world) == [(called, "wrong-number")]


def test_what_did_not_go_out_is_no_contact() -> None:
    world = Told()
    world.contact(at=NOON, outcome="not_attempted_permit_released")
    granted = world.ask(at=NOON + DAY)
    assert granted.permit_id  # never redeemed
    world.learn(facts.CeaseNotice(received_at=NOON - DAY), NOON + 3 * DAY)
    assert world.late() == []


def test_the_day_of_death_may_be_given() -> None:
    world = Told()
    world.contact(at=NOON)
    died = facts.ConsumerStatus(status="deceased", learned_at=NOON + 2 * DAY)
    world.learn(died, NOON + 2 * DAY, key="fact_died")
    assert world.late() == []  # known when learnt, for all that it says
    (found,) = world.late(Since(fact_key="fact_died", held_from=NOON - DAY))
    assert [one.objections[0].rule for one in found.contacts] == ["consumer-deceased"]


def test_an_attempt_without_a_permit_is_judged_by_what_was_known_when_it_was_made() -> None:
    world = Told()
    world.learn(facts.CeaseNotice(received_at=NOON - DAY), NOON + timedelta(hours=1))
    world.do(
        ReportUnpermittedAttempt(
            attempt_id="att_1",
            request=request(),
            outcome="no_answer",
            started_at=NOON,
            now=NOON + timedelta(hours=2),
        )
    )
    (found,) = world.late()
    (one,) = found.contacts
    assert (one.contact.kind, one.contact.contact_id) == ("unpermitted", "att_1")
    assert one.objections[0].rule == "cease-notice"


def test_contacts_whose_book_is_gone_are_counted_apart() -> None:
    world = Told()
    world.contact(at=NOON)
    world.learn(facts.CeaseNotice(received_at=NOON - DAY), NOON + DAY)
    (found,) = late_facts(world.log, lambda contact: None)
    assert (found.undecided, found.contacts_total) == (1, 0)


def test_judging_changes_nothing_at_the_gate() -> None:
    world = Told()
    world.contact(at=NOON)
    world.learn(facts.CeaseNotice(received_at=NOON - DAY), NOON + DAY)
    before = list(world.log)
    world.late()
    assert world.log == before
    assert GATES.fold(before) == world.state


class TestSinceWhenAFactHolds:
    def test_is_the_earliest_beginning_of_its_date_anywhere(self) -> None:
        filed = facts.Bankruptcy(learned_at=NOON, filed_on=NOON.date())
        held_from = valid_from(filed)
        assert held_from is not None
        assert held_from.isoformat() == "2026-06-09T10:00:00+00:00"

    def test_is_when_it_was_learnt_without_a_date(self) -> None:
        assert valid_from(facts.Bankruptcy(learned_at=NOON)) == NOON

    def test_is_always_of_a_wrong_number(self) -> None:
        wrong: Fact = facts.WrongNumber(contact_point_id="cp_1", learned_at=NOON)
        assert valid_from(wrong) == ALWAYS

    def test_is_unsaid_of_a_later_turn(self) -> None:
        dispute = facts.Dispute(account_id="acct_1", in_writing=True, received_at=NOON)
        assert valid_from(dispute) == NOON
        answered = facts.Dispute(
            account_id="acct_1", in_writing=True, received_at=NOON, answered=True
        )
        assert valid_from(answered) is None

    def test_is_the_withdrawal_of_a_consent(self) -> None:
        consent = facts.MessageConsent(
            medium="text", procedure="direct_consent", given_at=NOON, withdrawn_at=NOON + DAY
        )
        assert valid_from(consent) == NOON + DAY
