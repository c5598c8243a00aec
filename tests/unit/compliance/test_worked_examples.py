from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.command.rules_application import Api
from services.command.rules_over_http import HttpDriver
from services.compliance.rules.check.driver import CallRefused, DeciderDriver, Decision
from services.compliance.rules.check.report import check_file
from services.compliance.rules.request import ContactRequest
from tests.unit.compliance.samples import BOOK, TZ_VERSION

EXAMPLES = sorted(Path(__file__).parent.glob("worked_*.yaml"))


def driver() -> DeciderDriver:
    return DeciderDriver(BOOK, TZ_VERSION)


def vectors() -> list[dict[str, Any]]:
    documents = [yaml.safe_load(each.read_text(encoding="utf-8")) for each in EXAMPLES]
    return [vector for each in documents for vector in each["vectors"]]


@pytest.mark.parametrize("vector", vectors(), ids=lambda each: each["id"])
def test_example(vector: dict[str, Any]) -> None:
    report = check_file({"vectors": [vector]}, driver, BOOK)
    assert report.failures == ()
    assert report.not_read == {}
    assert report.passed == 1


class RefusingDriver(DeciderDriver):
    """Refuses to be asked, as a server does that does not take a body."""

    def ask(self, at: datetime, request: ContactRequest) -> Decision:
        raise CallRefused("POST /permits answered 422")


class TestReport:
    def wrong(self, **then: Any) -> dict[str, Any]:
        return {
            "id": "v",
            "area": "call_frequency",
            "kind": "decision",
            "given": {"calls": {"2026-04-01": 7}},
            "when": {"at": "2026-04-07T12:00", "act": "call"},
            "then": then,
        }

    def test_names_what_was_expected_and_got(self) -> None:
        report = check_file({"vectors": [self.wrong(decision="allow")]}, driver, BOOK)
        (failure,) = report.failures
        assert "expected ['allow'], got ['deny'] (call-frequency)" in failure.reasons[0]
        assert not report.is_good()

    def test_takes_a_flag_for_more_than_a_bare_permit(self) -> None:
        vector = self.wrong(decision="allow")
        vector["when"] = {"at": "2026-04-07T12:00", "act": "text"}
        assert check_file({"vectors": [vector]}, driver, BOOK).failures

    def test_compares_counts_and_dates(self) -> None:
        right = self.wrong(decision="deny", count_including_this=8, next_allowed_date="2026-04-08")
        assert check_file({"vectors": [right]}, driver, BOOK).is_good()
        wrong = self.wrong(decision="deny", count_including_this=7)
        assert not check_file({"vectors": [wrong]}, driver, BOOK).is_good()

    def listing(self, expected: list[bool], **more: Any) -> dict[str, Any]:
        return {
            "id": "v",
            "area": "validation_form",
            "kind": "classification",
            "given": {"notices": ["model_form_B-1", "layout_not_similar"], **more},
            "when": {"question": "?"},
            "then": {"safe_harbor": expected},
        }

    def test_judges_each_part_of_a_list(self) -> None:
        assert check_file({"vectors": [self.listing([True, False])]}, driver, BOOK).is_good()
        (failure,) = check_file({"vectors": [self.listing([True, True])]}, driver, BOOK).failures
        assert failure.reasons == ("safe_harbor: expected True, got False",)

    def test_guesses_no_list_among_several(self) -> None:
        vector = self.listing([True, False], translated=[False, False])
        assert check_file({"vectors": [vector]}, driver, BOOK).failures

    def test_lists_areas_not_built(self) -> None:
        vector = {**self.wrong(decision="deny"), "area": "astrology"}
        report = check_file({"vectors": [vector]}, driver, BOOK)
        assert report.not_built_areas == ("astrology",)
        assert report.is_good()
        assert not report.is_good(is_all_asked=True)

    def test_counts_what_it_does_not_understand_as_failed(self) -> None:
        vector = {**self.wrong(moon="full"), "kind": "classification"}
        (failure,) = check_file({"vectors": [vector]}, driver, BOOK).failures
        assert failure.reasons == ("nothing here answers moon",)

    def test_counts_what_is_refused_as_failed(self) -> None:
        def refusing() -> DeciderDriver:
            return RefusingDriver(BOOK, TZ_VERSION)

        (failure,) = check_file({"vectors": [self.wrong(decision="deny")]}, refusing, BOOK).failures
        assert failure.reasons == ("refused: POST /permits answered 422",)

    def test_survives_nonsense(self) -> None:
        vector = {**self.wrong(decision="deny"), "given": {"calls": {"2026-99-99": "x"}}}
        (failure,) = check_file({"vectors": [vector]}, driver, BOOK).failures
        assert failure.reasons[0].startswith("not understood")

    @pytest.mark.parametrize(
        ("said", "part"),
        [
            ({"moonlight": "silvery"}, "moonlight"),
            ({"timeline": [{"ev": "comet_sighted"}]}, "timeline.0"),
            (
                {"timeline": [{"ev": "consumer_says", "says": "the wild geese are lovely"}]},
                "timeline.0.says",
            ),
        ],
        ids=["a fact", "an event", "somebody's words"],
    )
    def test_names_what_nobody_reads(self, said: dict[str, Any], part: str) -> None:
        vector = self.wrong(decision="deny")
        vector["given"] = {**vector["given"], **said}
        report = check_file({"vectors": [vector]}, driver, BOOK)
        assert report.not_read == {"v": (part,)}
        assert report.is_good()
        assert not report.is_good(is_strict=True)

    def test_names_what_nobody_reads_of_a_variant(self) -> None:
        vector = self.wrong(decision="deny")
        vector["variant"] = {"given": {"moonlight": "silvery"}, "then": {"decision": "deny"}}
        assert check_file({"vectors": [vector]}, driver, BOOK).not_read == {"v": ("moonlight",)}

    def test_passes_what_repeats_what_would_be_so_anyway(self) -> None:
        vector = self.wrong(decision="deny")
        vector["given"] = {**vector["given"], "tz": "America/New_York", "person": "P1"}
        assert check_file({"vectors": [vector]}, driver, BOOK).is_good(is_strict=True)

    def test_answers_in_one_area_what_another_knows(self) -> None:
        vector = {
            "id": "v",
            "area": "call_frequency",
            "kind": "classification",
            "given": {"notice": {"medium": "email"}, "collector_accepts": ["portal"]},
            "when": {"question": "In writing?"},
            "then": {"in_writing": False, "min_days_after_sent": 35},
        }
        assert check_file({"vectors": [vector]}, driver, BOOK).failures == ()


class TestOverHttp:
    AREAS = frozenset({"precedence", "consent", "definitions", "email_text", "validation"})

    def test_gives_the_same_answers(self) -> None:
        mine = [each for each in vectors() if each["area"] in self.AREAS]
        assert {each["area"] for each in mine} == self.AREAS
        api = Api(BOOK, TZ_VERSION)
        report = check_file({"vectors": mine}, lambda: HttpDriver(api), BOOK)
        api.close()
        assert report.failures == ()
        assert report.passed == len(mine)
