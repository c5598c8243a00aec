import ast
import inspect
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from services.compliance.permits.domain.deciding import gate_of
from services.compliance.rules import pack, rulebook
from services.compliance.rules.findings import Flag, Objection, Verdict, combine
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import ContactRequest
from services.compliance.rules.slots import COUNTED_DAYS_KEPT
from tests.unit.compliance.samples import NOON, PACK, World, ask

DOCUMENT = Path(rulebook.__file__).parent / "packs" / "us_federal.yaml"


def document() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


class TestPack:
    def test_says_what_every_rule_needs(self) -> None:
        assert set(PACK.terms) == {rulebook.slug(rule) for rule in rulebook.RULES}

    def test_cites_the_law_for_every_rule(self) -> None:
        assert all(each.citation and each.law for each in PACK.terms.values())

    def test_without_a_rule_is_malformed(self) -> None:
        whole = document()
        whole["rules"] = [
            each
            for each in whole["rules"]  # type: ignore[attr-defined]
            if each["rule"] != "call-frequency"
        ]
        with pytest.raises(pack.MalformedPack, match="call-frequency"):
            pack.read(whole, rulebook.NEEDED)

    def test_without_a_parameter_is_malformed(self) -> None:
        whole = document()
        for row in whole["rules"]:  # type: ignore[attr-defined]
            row.get("parameters", {}).pop("calls_max", None)
        with pytest.raises(pack.MalformedPack, match="calls_max"):
            pack.read(whole, rulebook.NEEDED)

    def test_with_an_unknown_rule_is_malformed(self) -> None:
        whole = document()
        row = {"rule": "x", "law": "X", "citation": "x", "effective_from": NOON.date()}
        whole["rules"].append(row)  # type: ignore[attr-defined]
        with pytest.raises(pack.MalformedPack, match="no such rule: x"):
            pack.read(whole, rulebook.NEEDED)

    @pytest.mark.parametrize("value", [1.5, True, "seven", {"a": 1}])
    def test_with_a_doubtful_number_is_malformed(self, value: object) -> None:
        whole = document()
        for row in whole["rules"]:  # type: ignore[attr-defined]
            if row["rule"] == "call-cooldown":
                row["parameters"]["days"] = value
        with pytest.raises(pack.MalformedPack, match="call-cooldown"):
            pack.read(whole, rulebook.NEEDED)

    def test_windows_fit_what_the_gate_keeps(self) -> None:
        longest = max(each.numbers.get("days", 0) for rule, each in PACK.terms.items()
                      if rule != "text-procedure")  # fmt: skip
        assert longest + 2 <= COUNTED_DAYS_KEPT

    def test_is_in_force_from_its_date(self) -> None:
        terms = PACK.of("call-frequency")
        assert PACK.in_force("call-frequency", terms.effective_from)
        assert not PACK.in_force("call-frequency", terms.effective_from - timedelta(days=1))


class TestRules:
    @pytest.mark.parametrize("rule", rulebook.RULES, ids=rulebook.slug)
    def test_stand_one_in_a_file_of_their_name(self, rule: rulebook.Rule) -> None:
        path = Path(inspect.getfile(rule))
        assert path.stem == rule.__name__
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    def test_are_listed_once(self) -> None:
        assert len(set(rulebook.RULES)) == len(rulebook.RULES)

    def test_may_only_tighten_when_one_is_added(self) -> None:
        ranks: dict[Verdict, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}
        world = World()
        command = ask(at=NOON.replace(hour=4))
        gate = gate_of(world.state, command)
        known: list[Verdict] = []
        for number in range(len(rulebook.RULES) + 1):
            rules = rulebook.RULES[:number]
            known.append(rulebook.judge(command.request, gate, command.now, rules).verdict)
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
        def later(request: ContactRequest, gate: Gate, at: datetime) -> Objection | Flag | None:
            return gate.objection(
                "call-frequency", "defer", "not today", earliest=at + timedelta(days=1)
            )

        later.__name__ = "call_frequency"
        world = World()
        gate = gate_of(world.state, ask())
        assert rulebook.earliest_permitted_at(ask().request, gate, NOON, (later,)) is None
