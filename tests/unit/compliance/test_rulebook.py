import ast
import inspect
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.compliance.books import domain as books
from services.compliance.permits.domain.deciding import gate_of
from services.compliance.rules import content_rules, pack, rulebook
from services.compliance.rules.act_rules import ACT_RULES
from services.compliance.rules.book import Book, Bound
from services.compliance.rules.findings import Flag, Objection, Verdict, combine
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import FEDERAL, Terms
from services.compliance.rules.slots import AWAY_DAYS_KEPT, COUNTED_DAYS_KEPT
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK, NOON, World, ask

PACKS = Path(rulebook.__file__).parent / "packs"
FEDERAL_TERMS = [
    terms for each in BOOK.packs if each.jurisdiction == FEDERAL for terms in each.terms
]
OTHERS = [each for each in BOOK.packs if each.pack != "us-federal"]
ALL_TERMS = [terms for each in BOOK.packs for terms in each.terms]


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PACKS / "us_federal.yaml").read_text(encoding="utf-8"))
    return loaded


def changed(rule: str, **parameters: object) -> dict[str, Any]:
    whole = document()
    for row in whole["rules"]:
        if row["rule"] == rule:
            row["parameters"] = {**(row.get("parameters") or {}), **parameters}
    return whole


class TestPack:
    def test_says_what_every_federal_rule_needs(self) -> None:
        named = {each.rule for each in FEDERAL_TERMS}
        assert named == rulebook.KNOWN.keys() - rulebook.OVERLAYS

    def test_cites_the_law_for_every_rule(self) -> None:
        assert all(each.citation and each.law for each in ALL_TERMS)

    def test_without_a_rule_binds_no_book(self) -> None:
        whole = document()
        whole["rules"] = [each for each in whole["rules"] if each["rule"] != "call-frequency"]
        with pytest.raises(pack.MalformedPack, match="call-frequency"):
            rulebook.bind([pack.read(whole, rulebook.KNOWN), *OTHERS])

    def test_of_before_a_later_rule_binds_without_it(self) -> None:
        packs = [
            replace(each, terms=tuple(one for one in each.terms if one.rule not in rulebook.LATER))
            for each in BOOK.packs
        ]
        book = rulebook.bind(packs)
        for rule in rulebook.LATER:
            with pytest.raises(LookupError):
                book.federal(rule)

    def test_of_before_social_messages_binds_on_record_alone(self) -> None:
        packs = [
            replace(each, terms=tuple(one for one in each.terms if one.rule != "social-unchecked"))
            for each in BOOK.packs
        ]
        book = rulebook.bind(packs, is_on_record=True)
        assert (
            books.book_of(
                books.RuleBookRecorded(
                    label=book.label,
                    packs=tuple(map(books.text_of, packs)),
                    observed=(),
                    at=NOON,
                )
            ).label
            == book.label
        )
        with pytest.raises(pack.MalformedPack, match="social-unchecked"):
            rulebook.bind(packs)

    def test_without_a_parameter_is_malformed(self) -> None:
        whole = document()
        for row in whole["rules"]:
            row.get("parameters", {}).pop("calls_max", None)
        with pytest.raises(pack.MalformedPack, match="calls_max"):
            pack.read(whole, rulebook.KNOWN)

    def test_with_an_unknown_rule_is_malformed(self) -> None:
        whole = document()
        row = {"rule": "x", "law": "X", "citation": "x", "effective_from": NOON.date()}
        whole["rules"].append(row)
        with pytest.raises(pack.MalformedPack, match="no such rule: x"):
            pack.read(whole, rulebook.KNOWN)

    def test_with_an_unknown_parameter_is_malformed(self) -> None:
        with pytest.raises(pack.MalformedPack, match="call-cooldown has no parameter dais"):
            pack.read(changed("call-cooldown", dais=7), rulebook.KNOWN)

    def test_with_a_channel_nobody_has_is_malformed(self) -> None:
        with pytest.raises(pack.MalformedPack, match=r"channels may name .*not pigeon"):
            pack.read(changed("permitted-hours", channels=["pigeon"]), rulebook.KNOWN)

    def test_with_a_phrase_nobody_can_look_for_is_malformed(self) -> None:
        text = (PACKS / "us_federal_content.yaml").read_text(encoding="utf-8")
        whole = yaml.safe_load(text)
        (row,) = [each for each in whole["rules"] if each["rule"] == "overshadowing"]
        row["parameters"]["denied"].append("...")
        with pytest.raises(pack.MalformedPack, match="overshadowing: denied: "):
            pack.read(whole, rulebook.KNOWN)

    def test_that_says_the_same_twice_is_malformed(self) -> None:
        whole = document()
        whole["rules"].append(whole["rules"][0])
        with pytest.raises(pack.MalformedPack, match="twice"):
            pack.read(whole, rulebook.KNOWN)

    @pytest.mark.parametrize("value", [1.5, True, "seven", {"a": 1}])
    def test_with_a_doubtful_number_is_malformed(self, value: object) -> None:
        with pytest.raises(pack.MalformedPack, match="call-cooldown"):
            pack.read(changed("call-cooldown", days=value), rulebook.KNOWN)

    @pytest.mark.parametrize(
        ("rule", "terms", "fix"),
        [
            ("call-frequency", {"calls_max": 0}, "give 1 to 10000"),
            ("call-frequency", {"days": 10_001}, "give 0 to 10000"),
            ("call-frequency", {"days": -1}, "give 0 to 10000"),
            ("permitted-hours", {"closes_minute": 10**15}, "give 0 to 1440"),
            ("permitted-hours", {"opens_minute": 900, "closes_minute": 900}, "after opens_minute"),
        ],
    )
    def test_whose_numbers_cannot_be_reckoned_with_is_malformed(
        self, rule: str, terms: dict[str, int], fix: str
    ) -> None:
        with pytest.raises(pack.MalformedPack) as caught:
            pack.read(changed(rule, **terms), rulebook.KNOWN)
        assert fix in caught.value.fix

    def test_whose_dates_leave_no_room_is_malformed(self) -> None:
        whole = changed("call-frequency")
        whole["rules"][0]["effective_from"] = "9999-12-31"
        with pytest.raises(pack.MalformedPack, match="out of range"):
            pack.read(whole, rulebook.KNOWN)

    def test_windows_fit_what_the_gate_keeps(self) -> None:
        counting = {"call-frequency", "call-cooldown", "contact-frequency"}
        longest = max(
            each.numbers["days"]
            for each in ALL_TERMS
            if each.rule in counting and "work" not in each.names.get("places", ())
            if each.names.get("channels") != ("in_person",)
        )
        assert longest + 2 <= COUNTED_DAYS_KEPT
        away = max(each.numbers["days"] for each in ALL_TERMS if each.rule in counting)
        assert longest < away <= AWAY_DAYS_KEPT - 2

    def test_is_in_force_from_its_date_on(self) -> None:
        terms = BOOK.federal("call-frequency")
        day = terms.effective_from
        assert terms.in_force(day, day)
        assert not terms.in_force(day - timedelta(days=1), day - timedelta(days=1))
        assert terms.in_force(day - timedelta(days=1), day)  # where it is that date already


class TestBook:
    def test_is_named_by_what_is_in_it(self) -> None:
        assert BOOK.label == rulebook.bind(BOOK.packs).label
        assert BOOK.label == rulebook.bind(BOOK.packs[::-1]).label
        assert (
            BOOK.label
            != rulebook.bind(
                [
                    pack.read(changed("call-frequency", calls_max=6), rulebook.KNOWN),
                    *OTHERS,
                ]
            ).label
        )

    def test_asks_in_one_order_however_its_packs_came_together(self) -> None:
        turned = rulebook.bind(BOOK.packs[::-1])
        gate = gate_of(World().state, ask())
        laws = [
            [(each.terms.rule, each.terms.law) for each in rulebook.in_force(gate, book, NOON)]
            for book in (BOOK, turned)
        ]
        assert laws[0] == laws[1]


class TestRules:
    @pytest.mark.parametrize(
        "rule",
        dict.fromkeys((*rulebook.RULES, *ACT_RULES, *content_rules.RULES)),
        ids=lambda each: each.__name__,
    )
    def test_stand_one_in_a_file_of_their_name(self, rule: Callable[..., Any]) -> None:
        path = Path(inspect.getfile(rule))
        assert path.stem == rule.__name__
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    def test_are_listed_once(self) -> None:
        assert len(set(rulebook.RULES)) == len(rulebook.RULES)
        assert len(set(ACT_RULES)) == len(ACT_RULES)
        assert len(set(content_rules.RULES)) == len(content_rules.RULES)

    def test_may_only_tighten_when_one_is_added(self) -> None:
        ranks: dict[Verdict, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}
        world = World()
        command = ask(at=NOON.replace(hour=4))
        gate = gate_of(world.state, command)
        bound = rulebook.in_force(gate, BOOK, command.now)
        known: list[Verdict] = [
            rulebook.judge(gate, Book(BOOK.packs, bound[:number]), command.now).verdict
            for number in range(len(bound) + 1)
        ]
        assert [ranks[each] for each in known] == sorted(ranks[each] for each in known)

    def test_permit_a_day_of_nothing_at_all(self) -> None:
        assert World().verdict() == "permit"


class TestCombine:
    @pytest.mark.parametrize(
        ("verdicts", "expected"),
        [
            ([], "permit"),
            (["defer"], "defer"),
            (["defer", "review"], "review"),
            (["review", "deny", "defer"], "deny"),
        ],
    )
    def test_takes_the_most_restrictive(self, verdicts: list[str], expected: str) -> None:
        objections = [
            Objection(
                rule="r", law="l", citation="c", explanation="e", facts={},
                verdict=each,  # type: ignore[arg-type]
            )
            for each in verdicts
        ]  # fmt: skip
        assert combine(objections) == expected


class TestEarliest:
    def test_is_none_when_rules_keep_putting_it_off(self) -> None:
        def later(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
            return terms.objection("defer", "not today", earliest=at + timedelta(days=1))

        bound = Bound(jurisdiction=FEDERAL, terms=BOOK.federal("call-frequency"), rule=later)
        gate = gate_of(World().state, ask())
        assert rulebook.earliest_permitted_at(gate, Book((), (bound,)), NOON) is None
