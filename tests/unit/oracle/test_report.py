"""What the oracle reads besides databases, and how it puts what it found."""

import json
from dataclasses import dataclass, replace

from tests.oracle import LoggedEvent, examine_events, from_store_log
from tests.oracle.history import Debtor, Log
from tests.oracle.planted import FAULTS


@dataclass
class Entry:
    """An entry of an in-memory store's log."""

    tenant: str
    position: int
    event: LoggedEvent
    recorded_at: object


def test_reads_the_log_of_an_in_memory_store() -> None:
    log = Log()
    Debtor(log)
    entries = [
        Entry(each.tenant, number, each, each.recorded_at) for number, each in enumerate(log.events)
    ]
    read = list(from_store_log(entries))
    assert [replace(each, order=(0, 0)) for each in read] == [
        replace(each, order=(0, 0)) for each in log.events
    ]
    assert [each.order for each in read] == [(0, number) for number in range(len(read))]


def test_examines_events_in_whatever_order_they_come() -> None:
    log = Log()
    FAULTS["a missing event"].plant(log)
    assert examine_events(reversed(log.events)) == examine_events(log.events)


def test_names_subject_and_events_in_words_and_in_json() -> None:
    log = Log()
    FAULTS["a doubled payment"].plant(log)
    report = examine_events(log.events)
    (violation,) = report.violations
    assert violation.sentence in report.text()
    said = json.loads(report.json())
    assert said["violations"][0]["code"] == "payment-doubled"
    assert said["violations"][0]["subject"].startswith("account-")
    assert said["events"] == len(log.events)


def test_names_what_it_cannot_read_and_counts_what_it_does_not_know() -> None:
    log = Log()
    debtor = Debtor(log)
    log.events[-1] = replace(log.events[-1], data=b'{"at": ')
    log.emit("compliance", "audit-1", "something-new", {"account_id": debtor.account})
    report = examine_events(log.events)
    assert report.codes == {"event-unreadable"}
    assert report.unread == {"forbear.compliance.something-new.v1": 1}


def test_misses_no_cause_when_only_some_logs_are_at_hand() -> None:
    log = Log()
    FAULTS["a cause that is nowhere"].plant(_with_someone(log))
    assert examine_events(log.events).codes == {"cause-unknown"}
    assert examine_events(log.events, is_complete=False).codes == set()


def _with_someone(log: Log) -> Log:
    Debtor(log)
    return log
