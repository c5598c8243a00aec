"""The oracle names every planted fault by its own code, and nothing in a clean history."""

import pytest

from tests.oracle import examine_events
from tests.oracle.lawful import clean
from tests.oracle.planted import FAULTS


def test_says_nothing_of_a_clean_history() -> None:
    report = examine_events(clean().events)
    assert [str(each) for each in report.violations] == []
    assert report.unread == {}
    assert set(report.trial_balance.values()) == {0}
    assert report.checked["eighth-call"] >= 20
    assert report.checked["outside-permitted-hours"] >= 20


@pytest.mark.parametrize("name", FAULTS)
def test_names_a_planted_fault(name: str) -> None:
    history = clean()
    FAULTS[name].plant(history)
    report = examine_events(history.events)
    assert report.codes == {FAULTS[name].code}, report.text()
    assert all(each.event_ids and each.subject for each in report.violations)


def test_knows_at_least_twelve_kinds_of_fault() -> None:
    assert len({each.code for each in FAULTS.values()}) >= 12
