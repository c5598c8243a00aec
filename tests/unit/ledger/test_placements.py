from typing import Any

import pytest

from services.ledger.placements import domain as placements
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.ledger.samples import NOON

spec = Spec(placements.PLACEMENTS)
WRONG = placements.FieldError(pointer="/currency", code="currency", detail="give USD")
ROWS = (
    placements.RowResult(number=1, status="accepted", account_id="acct_1"),
    placements.RowResult(number=2, status="rejected", errors=(WRONG,)),
    placements.RowResult(number=3, status="duplicate", account_id="acct_0"),
    placements.RowResult(number=4, status="accepted", account_id="acct_2"),
)


def receive(**changes: Any) -> placements.ReceivePlacement:
    command = placements.ReceivePlacement(
        placement_id="plc_1", creditor_id="crd_1", source="webhook", rows=ROWS, now=NOON
    )
    return replace(command, **changes)


RECEIVED = placements.PlacementReceived(
    placement_id="plc_1",
    creditor_id="crd_1",
    source="webhook",
    rows_accepted=2,
    rows_rejected=1,
    rows_duplicate=1,
    account_ids=("acct_1", "acct_2"),
    rows=ROWS,
    at=NOON,
)


class TestReceivePlacement:
    def test_counts_what_became_of_each_row(self) -> None:
        spec.when(receive()).then(RECEIVED)

    def test_is_done_once(self) -> None:
        spec.given(RECEIVED).when(receive()).then_nothing()

    def test_refuses_other_rows_under_the_same_id(self) -> None:
        other = receive(rows=ROWS[:1])
        spec.given(RECEIVED).when(other).then_raises(placements.PlacementConflict)

    def test_refuses_a_batch_without_rows_or_with_too_many(self) -> None:
        many = tuple(replace(ROWS[0], number=number) for number in range(placements.ROWS_MAX + 1))
        spec.when(receive(rows=())).then_raises(placements.PlacementSize)
        spec.when(receive(rows=many)).then_raises(placements.PlacementSize)
        assert spec.when(receive(rows=many[:-1])).events()

    @pytest.mark.parametrize(
        "rows",
        [
            (ROWS[0], ROWS[0]),
            (placements.RowResult(number=1, status="accepted"),),
            (placements.RowResult(number=1, status="rejected"),),
            (replace(ROWS[1], account_id="acct_9"),),
            (replace(ROWS[0], errors=(WRONG,)),),
        ],
        ids=["same-number", "no-account", "no-error", "rejected-account", "accepted-error"],
    )
    def test_refuses_results_that_contradict_themselves(
        self, rows: tuple[placements.RowResult, ...]
    ) -> None:
        spec.when(receive(rows=rows)).then_raises(placements.PlacementRows)
