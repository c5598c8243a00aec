"""State and city packs: read from their files, judged beside the federal one."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.compliance.rules import facts, rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.loading import read_pack
from services.compliance.rules.request import ContactRequest
from tests.unit.compliance.samples import (
    BOOK,
    NOON,
    World,
    email,
    gate,
    letter,
    local,
    request,
    text,
)

XX = """
pack: toy
version: "1"
jurisdiction: XX
rules:
- rule: contact-frequency
  law: STATE-XX-FREQ
  citation: Toy Code 1
  effective_from: 2026-06-10
  effective_until: {until}
  verified: false
  parameters: {{contacts_max: 1, days: 7, channels: [call, text], per: [person]}}
"""


def in_state(*states: str) -> World:
    """Return a consumer whom an address and a mobile number place in states."""
    evidence = [
        facts.LocationEvidence(
            evidence=f"address-{each}", zones=("America/New_York",), states=(each,)
        )
        for each in states
    ]
    return World(gate(*evidence))


def toy(until: str = "null") -> Book:
    return rulebook.bind([*BOOK.packs, read_pack(XX.format(until=until), "xx.yaml")])


def laws(world: World, what: ContactRequest, at: datetime, **more: Any) -> set[str]:
    """Return the laws that object."""
    decision = world.ask(what, at=at, **more)
    return {each.law for each in getattr(decision, "objections", ())}


class TestMassachusetts:
    def test_bars_the_third_call_or_text_in_seven_dates(self) -> None:
        world = in_state("MA")
        world.contact(at=local("2026-06-01T10:00"))
        world.contact(text(), at=local("2026-06-03T10:00"), outcome="text_sent")
        assert laws(world, text(), local("2026-06-07T10:00")) == {"STATE-MA-FREQ"}
        assert world.earliest(text(), at=local("2026-06-07T10:00")) == local("2026-06-08T08:00:01")
        assert world.verdict(text(), at=local("2026-06-08T10:00")) == "permit"

    def test_does_not_count_letters_and_mail(self) -> None:
        world = in_state("MA")
        world.contact(email(), at=local("2026-06-01T10:00"), outcome="email_sent")
        world.contact(letter(), at=local("2026-06-01T11:00"), outcome="letter_sent")
        world.contact(at=local("2026-06-02T11:00"))
        assert world.verdict(text(), at=local("2026-06-03T10:00")) == "permit"

    def test_does_not_count_by_consumer_but_by_debt(self) -> None:
        world = World(
            gate(
                facts.LocationEvidence(
                    evidence="home", zones=("America/New_York",), states=("MA",)
                ),
                accounts=("acct_1", "acct_2"),
            )
        )
        world.contact(at=local("2026-06-01T10:00"))
        world.contact(at=local("2026-06-02T10:00"))
        assert world.verdict(at=local("2026-06-03T10:00")) == "defer"
        other = request(account_ids=("acct_2",))
        assert world.verdict(other, at=local("2026-06-03T10:00")) == "permit"

    def test_allows_two_at_work_in_thirty_dates(self) -> None:
        work = facts.ContactPointKnown(
            contact_point_id="cp_work", point_kind="phone", label="work", digest="w"
        )
        world = World(
            gate(
                work,
                facts.LocationEvidence(
                    evidence="home", zones=("America/New_York",), states=("MA",)
                ),
            )
        )
        at_work = request(contact_point_id="cp_work")
        world.contact(at_work, at=local("2026-06-01T10:00"))
        world.contact(at_work, at=local("2026-06-12T10:00"))
        assert world.earliest(at_work, at=local("2026-06-22T10:00")) == local("2026-07-01T08:00:01")
        assert world.verdict(at=local("2026-06-22T10:00")) == "permit"


class TestJurisdictions:
    def test_every_one_indicated_is_asked(self) -> None:
        world = in_state("MA", "WA")
        for day in ("01", "02"):
            world.contact(at=local(f"2026-06-{day}T12:00"))
        world.called(local("2026-06-03T12:00"), letter(), outcome="letter_sent")
        found = laws(world, request(), local("2026-06-04T12:00"))
        assert found == {"STATE-MA-FREQ", "STATE-WA-FREQ"}

    def test_knowing_where_the_person_is_does_not_end_the_law_of_their_home(self) -> None:
        world = in_state("MA")
        actual = facts.LocationEvidence(
            evidence="statement", zones=("America/New_York",), states=("VT",), is_actual=True
        )
        world.learn(actual, local("2026-06-01T09:00"))
        world.contact(at=local("2026-06-01T10:00"))
        world.contact(at=local("2026-06-02T10:00"))
        assert laws(world, request(), local("2026-06-03T10:00")) == {"STATE-MA-FREQ"}

    def test_a_state_without_a_pack_adds_nothing(self) -> None:
        world = in_state("VT")
        for day in range(1, 7):
            world.contact(at=local(f"2026-06-0{day}T12:00"))
        assert world.verdict(at=local("2026-06-07T12:00")) == "permit"


class TestCounting:
    def test_an_account_is_counted_whoever_is_contacted(self) -> None:
        spouse = facts.PartyKnown(party_id="pty_s", role="spouse")
        phone = facts.ContactPointKnown(
            contact_point_id="cp_s",
            point_kind="phone",
            label="mobile",
            digest="s",
            party_id="pty_s",
            zones=("America/New_York",),
            states=("DC",),
        )
        world = World(
            gate(
                spouse,
                phone,
                facts.LocationEvidence(
                    evidence="home", zones=("America/New_York",), states=("DC",)
                ),
            )
        )
        to_spouse = request(party_id="pty_s", contact_point_id="cp_s")
        for day in range(1, 4):
            world.contact(at=local(f"2026-06-0{day}T12:00"))
        world.contact(to_spouse, at=local("2026-06-04T12:00"))
        assert laws(world, request(), local("2026-06-05T12:00")) == {"STATE-DC-FREQ"}
        assert laws(world, to_spouse, local("2026-06-05T12:00")) == {"STATE-DC-FREQ"}

    def test_a_call_to_the_attorney_is_not_counted(self) -> None:
        attorney = facts.PartyKnown(party_id="pty_a", role="attorney")
        world = World(
            gate(
                attorney,
                facts.LocationEvidence(
                    evidence="home", zones=("America/New_York",), states=("DC",)
                ),
            )
        )
        for day in range(1, 5):
            world.called(local(f"2026-06-0{day}T12:00"), request(party_id="pty_a"))
        assert world.verdict(at=local("2026-06-05T12:00")) == "permit"

    def test_a_number_found_to_be_wrong_no_longer_counts(self) -> None:
        world = in_state("MA")
        world.learn(
            facts.ContactPointKnown(
                contact_point_id="cp_old", point_kind="phone", label="mobile", digest="o"
            ),
            local("2026-06-01T08:00"),
        )
        for day in (1, 2):
            world.contact(request(contact_point_id="cp_old"), at=local(f"2026-06-0{day}T12:00"))
        assert world.verdict(at=local("2026-06-03T12:00")) == "defer"
        learned = local("2026-06-03T12:30")
        world.learn(facts.WrongNumber(contact_point_id="cp_old", learned_at=learned), learned)
        assert world.verdict(at=local("2026-06-03T13:00")) == "permit"

    def test_a_reply_is_not_barred_but_counts(self) -> None:
        world = in_state("MA")
        for day in (1, 2):
            world.contact(text(), at=local(f"2026-06-0{day}T12:00"), outcome="text_sent")
        world.learn(
            facts.InboundMessage(
                message_id="inb_1", channel="text", received_at=local("2026-06-03T12:00")
            ),
            local("2026-06-03T12:00"),
        )
        reply = text(act="reply", in_reply_to="inb_1")
        world.contact(reply, at=local("2026-06-03T12:05"), outcome="text_sent")
        earliest = world.earliest(text(), at=local("2026-06-03T13:00"))
        assert earliest == local("2026-06-09T08:00:01")

    def test_west_virginia_counts_conversations_apart(self) -> None:
        world = in_state("WV")
        for number in range(10):
            at = local("2026-06-01T09:00") + timedelta(hours=number)
            world.called(at, outcome="right_party_contact")
        found = laws(world, request(), local("2026-06-07T12:00"))
        assert found == {"REGF-CALL-FREQ", "REGF-CALL-COOLDOWN", "STATE-WV-FREQ"}


class TestDates:
    def test_new_york_city_counts_every_channel_from_its_date(self) -> None:
        for first, expected in ((date(2026, 8, 24), "permit"), (date(2026, 8, 31), "defer")):
            world = in_state("NYC")
            day = datetime(first.year, first.month, first.day, 16, 0, tzinfo=NOON.tzinfo)
            world.contact(at=day)
            world.called(day + timedelta(hours=1), text(), outcome="text_sent")
            world.called(day + timedelta(days=1), email(), outcome="email_sent")
            assert world.verdict(letter(), at=day + timedelta(days=2)) == expected

    def test_florida_let_email_go_but_federal_law_did_not(self) -> None:
        world = in_state("FL")
        night = local("2026-06-02T21:30")
        assert laws(world, request(), night) == {"REGF-TIME-WINDOW", "STATE-FL-TIME"}
        assert laws(world, email(), night) == {"REGF-TIME-WINDOW"}


class TestToyPack:
    """A jurisdiction that was not there before is a file, and nothing else."""

    def test_judges_from_the_instant_its_first_date_begins(self) -> None:
        world = in_state("XX")
        world.called(local("2026-06-09T12:00"))
        ends = local("2026-06-09T20:00")
        assert laws(world, request(), ends, book=toy()) == set()
        begins = local("2026-06-10T09:00")
        assert laws(world, request(), begins, book=BOOK) == set()
        assert laws(world, request(), begins, book=toy()) == {"STATE-XX-FREQ"}

    def test_carries_the_mark_of_what_nobody_has_read(self) -> None:
        world = in_state("XX")
        world.called(local("2026-06-10T12:00"))
        (objection,) = world.ask(at=local("2026-06-10T13:00"), book=toy()).objections
        assert objection.is_verified is False

    def test_ends_with_its_law(self) -> None:
        world = in_state("XX")
        world.called(local("2026-06-10T12:00"))
        decision = world.ask(at=local("2026-06-10T13:00"), book=toy(until="2026-06-12"))
        assert decision.earliest_permitted_at == local("2026-06-12T08:00:01")

    def test_is_not_asked_of_people_elsewhere(self) -> None:
        world = in_state("VT")
        world.called(local("2026-06-10T12:00"))
        assert laws(world, request(), local("2026-06-10T13:00"), book=toy()) == set()


@pytest.mark.parametrize("each", BOOK.packs, ids=lambda each: each.pack)
def test_a_pack_says_what_it_is_unsure_of(each: Any) -> None:
    """Whoever writes a pack from second hand marks it, in every row."""
    assert each.terms
    assert all(terms.is_verified or not terms.unverified for terms in each.terms)
