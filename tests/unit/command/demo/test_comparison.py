"""Two logs are alike when only ids and arrival differ, and not when anything else does."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from services.command.demo.comparison import Opened, comparable
from shared.kernel import ids
from shared.kernel.records import replace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Log:
    """A small log: two accounts with their gates, a permit each, and a plan nobody refers to."""

    def __init__(self, seed: int, *, is_shuffled: bool = False) -> None:
        chance = Random(seed)

        def new(prefix: str) -> str:
            return ids.encode(prefix, chance.randbytes(16).replace(b"\xff", b"\x00"))

        self.events: list[Opened] = []
        for number in ("A-1", "A-2"):
            account_id, consumer_id, permit_id, plan_id = map(new, ("acct", "cns", "prm", "plan"))
            suffix = permit_id.removeprefix("prm_")
            self._add("ledger", f"account-{account_id}", "ledger.account-placed", 0, {
                "account_id": account_id,
                "account_number": number,
                "consumer_ids": [consumer_id],
                "digest": chance.randbytes(32).hex(),
            })  # fmt: skip
            self._add("compliance", f"gate-{consumer_id}", "compliance.permit-granted", 1, {
                "permit_id": permit_id, "account_ids": [account_id],
            })  # fmt: skip
            self._add("contact", f"attempt-att_{suffix}", "contact.attempt-permitted", 1, {
                "attempt_id": f"att_{suffix}", "note": f"about {account_id}",
            })  # fmt: skip
            self._add("ledger", f"plan-{plan_id}", "ledger.plan-agreed", 2, {
                "plan_id": plan_id, "account_id": account_id,
            })  # fmt: skip
        if is_shuffled:
            chance.shuffle(self.events)

    def _add(self, service: str, stream: str, name: str, hours: int, data: dict[str, Any]) -> None:
        self.events.append(
            Opened(
                service=service,
                stream=stream,
                version=1,
                type=f"forbear.{name}.v1",
                occurred_at=NOON + timedelta(hours=hours),
                data=data,
            )
        )


def changed(events: list[Opened], name: str, **fields: Any) -> list[Opened]:
    return [
        replace(each, data={**each.data, **fields}) if name in each.type else each
        for each in events
    ]


def gate(*names: str, number: int) -> list[Opened]:
    """Return a gate's stream of events at one instant, under other ids for another number."""
    consumer_id = ids.encode("cns", bytes([0, number] * 8))
    fact_id = ids.encode("fact", bytes([1, number] * 8))
    return [
        Opened(
            service="compliance",
            stream=f"gate-{consumer_id}",
            version=version,
            type=f"forbear.compliance.{name}.v1",
            occurred_at=NOON,
            data={"key": fact_id if name == "fact-recorded" else name},
        )
        for version, name in enumerate(names, start=1)
    ]


class TestArrivals:
    def test_have_no_order_within_an_instant(self) -> None:
        one = gate("fact-recorded", "fact-released", "permit-refused", number=1)
        other = gate("fact-released", "fact-recorded", "permit-refused", number=2)
        assert comparable(one) == comparable(other)

    def test_come_before_or_after_a_decision(self) -> None:
        one = gate("fact-recorded", "permit-refused", number=1)
        other = gate("permit-refused", "fact-recorded", number=2)
        assert comparable(one) != comparable(other)


class TestComparable:
    def test_is_the_same_for_other_ids_in_another_order(self) -> None:
        assert comparable(Log(1).events) == comparable(Log(2, is_shuffled=True).events)

    def test_differs_where_data_differ(self) -> None:
        events = Log(1).events
        assert comparable(events) != comparable(changed(events, "permitted", note="other"))

    def test_differs_where_an_event_refers_to_another_account(self) -> None:
        events = Log(1).events
        other = events[0].data["account_id"]
        assert comparable(events) != comparable(changed(events, "plan-agreed", account_id=other))

    def test_differs_where_an_event_is_missing_or_happened_at_another_time(self) -> None:
        events = Log(1).events
        later = [*events[:-1], replace(events[-1], occurred_at=NOON)]
        assert comparable(events) != comparable(events[:-1])
        assert comparable(events) != comparable(later)
