"""The rules as they are shown to people, on the command line and in docs/rules.md."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from services.command.cli import app
from services.compliance.rules import catalogue
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import RulePack, document
from shared.kernel.records import replace
from tests.schemas import rules_page
from tests.unit.compliance.samples import BOOK


def federal() -> RulePack:
    return next(each for each in BOOK.packs if each.pack == "us-federal")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["rules", *words], env={"COLUMNS": "200"})


class TestDescribed:
    def test_has_every_rule_once_and_every_term_of_every_pack(self) -> None:
        every = catalogue.described(BOOK)
        assert [each.rule for each in every] == list(catalogue.EVERY)
        assert sum(len(each.given) for each in every) == sum(len(p.terms) for p in BOOK.packs)

    def test_says_what_each_rule_does(self) -> None:
        assert [each.rule for each in catalogue.described(BOOK) if not each.summary] == []
        assert [each.rule for each in catalogue.described(BOOK) if not each.about] == []

    def test_is_found_by_rule_and_by_law(self) -> None:
        (rule,) = catalogue.find(BOOK, "call-frequency")
        assert [each.jurisdiction for each in rule.given] == ["US"]
        by_law = catalogue.find(BOOK, "state-ma-freq")
        assert {"contact-frequency", "permitted-hours"} <= {each.rule for each in by_law}
        assert {one.terms.law for each in by_law for one in each.given} == {"STATE-MA-FREQ"}
        assert catalogue.find(BOOK, "nothing") == ()


class TestDifferences:
    def test_are_none_between_a_pack_and_itself(self) -> None:
        assert catalogue.differences(federal(), federal()) == ()

    def test_name_what_was_added_removed_and_changed(self) -> None:
        whole = document(federal())
        rows = {row["rule"]: row for row in whole["rules"]}
        rows["call-frequency"]["parameters"]["calls_max"] = 6
        whole["rules"].remove(rows["portal-session"])
        whole["rules"].append({**rows["text-procedure"], "law": "HOUSE"})
        changed = read_pack(json.dumps(whole), "json")
        found = catalogue.differences(federal(), changed)
        assert [(each.kind, each.rule, each.law) for each in found] == [
            ("changed", "call-frequency", "REGF-CALL-FREQ"),
            ("removed", "portal-session", "REGF-TIME-CONSUMER-INITIATED"),
            ("added", "text-procedure", "HOUSE"),
        ]
        assert found[0].fields == {"calls_max": ("7", "6")}

    def test_tell_terms_of_one_law_apart(self) -> None:
        (massachusetts,) = (each for each in BOOK.packs if each.pack == "massachusetts")
        fewer = replace(massachusetts, terms=massachusetts.terms[1:])
        (found,) = catalogue.differences(massachusetts, fewer)
        assert (found.kind, found.fields["days"]) == ("removed", ("7", ""))


class TestCommand:
    def test_lists_rules_of_a_jurisdiction(self) -> None:
        listed = json.loads(run("list", "--jurisdiction", "NYC", "--json").stdout)
        assert "contact-frequency" in [each["rule"] for each in listed]
        assert "call-frequency" not in [each["rule"] for each in listed]
        assert run("list", "--jurisdiction", "ZZ").exit_code == 2

    def test_explains_terms_and_what_is_for_counsel(self) -> None:
        explained = run("explain", "STATE-NYC-FREQ")
        assert explained.exit_code == 0
        for words in ("6 RCNY 5-77", "contacts_max: 3", "no: for counsel", "2026-09-01"):
            assert words in explained.stdout
        assert "08:00" in run("explain", "permitted-hours").stdout

    def test_says_what_to_ask_instead_of_what_there_is_not(self) -> None:
        refused = run("explain", "nothing")
        assert (refused.exit_code, "forbear rules list" in refused.stderr) == (2, True)

    def test_compares_a_shipped_pack_with_a_file(self, tmp_path: Path) -> None:
        whole = document(federal())
        file = tmp_path / "draft.yaml"
        file.write_text(yaml.safe_dump(whole))
        assert run("diff", "us-federal", str(file)).exit_code == 0
        hours = next(each for each in whole["rules"] if each["rule"] == "permitted-hours")
        hours["parameters"]["opens_minute"] = 540
        file.write_text(yaml.safe_dump(whole))
        compared = run("diff", "us-federal", str(file))
        assert compared.exit_code == 1
        assert "opens_minute: 480 → 540" in compared.stdout

    @pytest.mark.parametrize("text", [None, "rules: []", "\x00"])
    def test_refuses_what_is_no_pack(self, tmp_path: Path, text: str | None) -> None:
        file = tmp_path / "draft.yaml"
        if text is not None:
            file.write_text(text)
        refused = run("diff", "us-federal", str(file))
        assert refused.exit_code == 2
        assert "draft.yaml" in refused.stderr


def test_the_page_has_each_rule_with_its_terms() -> None:
    page = rules_page.page()
    for each in catalogue.described(BOOK):
        assert f"\n## {each.rule}\n" in page
        for one in each.given:
            assert f"| {one.jurisdiction} | {one.terms.law} | {one.terms.citation} |" in page
