"""Which book is in force when, from the packs that ship and those an agency has adopted."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.compliance.books import domain as books
from services.compliance.permits.domain.deciding import gate_of
from services.compliance.rules import facts, pack, rulebook
from services.compliance.rules.findings import Verdict
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import RulePack
from services.compliance.rules.shelf import ALWAYS, Adopted, Shelf, assemble
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK, NOON, World, ask, email, gate, letter, local, text

XX = """
pack: toy
version: "{version}"
jurisdiction: XX
rules:
- rule: contact-frequency
  law: STATE-XX-FREQ
  citation: Toy Code 1
  effective_from: 2020-01-01
  parameters: {{contacts_max: {most}, days: 7, channels: [call, text], per: [person]}}
"""
DAY = timedelta(days=1)


def toy(most: int = 1, version: str = "1") -> RulePack:
    return read_pack(XX.format(most=most, version=version), "xx.yaml")


def massachusetts(**changes: Any) -> RulePack:
    (shipped,) = (each for each in BOOK.packs if each.pack == "massachusetts")
    return replace(shipped, **changes)


def labels(shelf: Shelf) -> list[str]:
    return [each.book.label for each in shelf.editions]


class TestAssemble:
    def test_leaves_the_shipped_book_alone(self) -> None:
        assert assemble(BOOK, []).at(NOON) is BOOK

    def test_enforces_a_pack_from_its_instant_to_its_withdrawal(self) -> None:
        shelf = assemble(BOOK, [Adopted(pack=toy(), active_from=NOON, withdrawn_from=NOON + DAY)])
        second = timedelta(seconds=1)
        assert shelf.at(NOON - second) is BOOK
        assert toy() in shelf.at(NOON).packs
        assert toy() in shelf.at(NOON + DAY - second).packs
        assert shelf.at(NOON + DAY).label == BOOK.label

    def test_observes_a_pack_until_it_is_enforced(self) -> None:
        shelf = assemble(BOOK, [Adopted(pack=toy(), observed_from=NOON, active_from=NOON + DAY)])
        assert [each.pack for each in shelf.at(NOON).observed] == [toy()]
        assert shelf.at(NOON).packs == BOOK.packs
        assert shelf.at(NOON + DAY).observed == ()
        assert len(set(labels(shelf))) == 3

    def test_takes_the_newest_version_of_a_name(self) -> None:
        newer, newest = toy(2, "1.9"), toy(3, "1.10")
        shelf = assemble(
            BOOK,
            [
                Adopted(pack=newest, active_from=NOON),
                Adopted(pack=newer, active_from=NOON + DAY),
            ],
        )
        assert newest in shelf.at(NOON + DAY).packs
        assert newer not in shelf.at(NOON + DAY).packs

    def test_goes_back_to_the_version_before_when_the_newest_is_withdrawn(self) -> None:
        shelf = assemble(
            BOOK,
            [
                Adopted(pack=toy(2, "1"), active_from=NOON),
                Adopted(pack=toy(3, "2"), active_from=NOON, withdrawn_from=NOON + DAY),
            ],
        )
        assert toy(2, "1") in shelf.at(NOON + DAY).packs

    def test_replaces_a_shipped_pack_by_a_newer_version_only(self) -> None:
        newer = massachusetts(version="2027.1", terms=massachusetts().terms[:1])
        older = massachusetts(version="2001.1", terms=massachusetts().terms[:1])
        assert newer in assemble(BOOK, [Adopted(pack=newer, active_from=ALWAYS)]).at(NOON).packs
        assert assemble(BOOK, [Adopted(pack=older, active_from=ALWAYS)]).at(NOON) is BOOK

    def test_takes_no_shipped_pack_away_under_its_name(self) -> None:
        """A pack of another jurisdiction is another pack, whatever its name."""
        (federal,) = (each for each in BOOK.packs if each.pack == "us-federal")
        disguised = replace(toy(), pack="us-federal", version="9999")
        found = assemble(BOOK, [Adopted(pack=disguised, active_from=ALWAYS)]).at(NOON)
        assert federal in found.packs
        assert disguised in found.packs

    def test_is_not_whole_while_a_federal_pack_leaves_a_rule_out(self) -> None:
        (federal,) = (each for each in BOOK.packs if each.pack == "us-federal")
        less = replace(federal, version="9999", terms=federal.terms[1:])
        adopted = Adopted(pack=less, active_from=NOON, withdrawn_from=NOON + DAY)
        shelf = assemble(BOOK, [adopted])
        instants = [NOON - DAY, NOON, NOON + DAY]
        assert [shelf.unusable_at(each) for each in instants] == [(), (less.label,), ()]
        assert shelf.whole_until(NOON - DAY, NOON + 3 * DAY) == NOON
        assert shelf.whole_until(NOON, NOON + 3 * DAY) == NOON + 3 * DAY

    def test_is_not_whole_while_what_nobody_can_read_is_enforced(self) -> None:
        adopted = Adopted(pack=None, label="toy@9", observed_from=NOON - DAY, active_from=NOON)
        shelf = assemble(BOOK, [adopted])
        assert [shelf.unusable_at(each) for each in (NOON - DAY, NOON)] == [(), ("toy@9",)]

    def test_is_the_same_in_whatever_order_packs_are_known(self) -> None:
        adopted = [
            Adopted(pack=toy(2, "1"), active_from=NOON),
            Adopted(pack=toy(3, "2"), active_from=NOON + DAY),
            Adopted(pack=replace(toy(), pack="other"), observed_from=NOON),
        ]
        assert labels(assemble(BOOK, adopted)) == labels(assemble(BOOK, adopted[::-1]))


class TestLabel:
    def test_names_what_is_observed_too(self) -> None:
        assert rulebook.bind(BOOK.packs, [toy()]).label != BOOK.label

    def test_is_that_of_the_book_read_again_from_its_record(self) -> None:
        book = rulebook.bind([*BOOK.packs, toy(2, "7")], [toy(3, "8")])
        (recorded,) = books.decide(books.record_of(book, NOON), books.BookState())
        again = books.book_of(recorded)
        assert again.label == book.label == recorded.label
        assert again.packs == book.packs

    @pytest.mark.parametrize("each", BOOK.packs, ids=lambda each: each.pack)
    def test_stands_on_documents_that_say_the_same(self, each: RulePack) -> None:
        assert pack.read(pack.document(each), rulebook.KNOWN) == each


class TestObserved:
    def test_is_recorded_beside_a_decision_that_it_does_not_touch(self) -> None:
        home = facts.LocationEvidence(evidence="home", zones=("America/New_York",), states=("XX",))
        world = World(gate(home))
        world.called(local("2026-06-09T12:00"))
        book = rulebook.bind(BOOK.packs, [toy()])
        decision = world.ask(at=NOON, book=book)
        (observed,) = decision.observed
        assert world.verdict(at=NOON) == "permit"
        assert (observed.pack, observed.verdict) == ("toy@1", "defer")
        assert [each.law for each in observed.objections] == ["STATE-XX-FREQ"]
        redeemed = world.redeem(decision, at=NOON, book=book)
        assert redeemed.observed[0].pack == "toy@1"

    def test_says_that_it_would_permit(self) -> None:
        decision = World().ask(at=NOON, book=rulebook.bind(BOOK.packs, [toy()]))
        assert [(each.pack, each.verdict) for each in decision.observed] == [("toy@1", "permit")]


RANK: dict[Verdict, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}
ANY = st.builds(
    lambda rule, place, number: read_pack(
        f"""
pack: any
version: "{number}"
jurisdiction: {place}
rules:
- {rule}
""",
        "any.yaml",
    ),
    rule=st.sampled_from(
        [
            "{rule: contact-frequency, law: X, citation: X, effective_from: 2020-01-01, parameters:"
            " {contacts_max: 1, days: 3, channels: [call, email], per: [debt]}}",
            "{rule: permitted-hours, law: X, citation: X, effective_from: 2026-06-10, parameters:"
            " {opens_minute: 1, closes_minute: 1439}}",
            "{rule: permitted-hours, law: X, citation: X, effective_from: 2020-01-01,"
            " effective_until: 2026-06-10, parameters: {opens_minute: 600, closes_minute: 700}}",
            "{rule: email-procedure, law: X, citation: X, effective_from: 2020-01-01, parameters:"
            " {opt_out_days_min: 35}}",
            "{rule: cease-notice, law: X, citation: X, effective_from: 2020-01-01, parameters:"
            " {excepted_purposes: [payment_demand]}}",
        ]
    ),
    place=st.sampled_from(["US", "MA", "NYC", "XX"]),
    number=st.integers(1, 99),
)


@settings(max_examples=150, deadline=None)
@given(added=st.lists(ANY, min_size=1, max_size=3), seed=st.integers(0, 2**32))
def test_a_pack_that_is_added_never_loosens(added: list[RulePack], seed: int) -> None:
    random = Random(seed)
    at = NOON + timedelta(minutes=random.randrange(-2000, 2000))
    state = random.choice(["MA", "XX", "VT"])
    home = facts.LocationEvidence(evidence="home", zones=("America/New_York",), states=(state,))
    world = World(gate(home))
    for _ in range(random.randrange(9)):
        world.called(at - timedelta(minutes=random.randrange(1, 10_000)))
    what = random.choice([None, email(), letter(), text()])
    judged = gate_of(world.state, ask(what, at=at))
    before = rulebook.judge(judged, BOOK, at)
    shelf = assemble(BOOK, [Adopted(pack=each, active_from=ALWAYS) for each in added])
    after = rulebook.judge(judged, shelf.at(at), at)
    assert RANK[after.verdict] >= RANK[before.verdict]
    assert {repr(each) for each in before.objections} <= {repr(each) for each in after.objections}
