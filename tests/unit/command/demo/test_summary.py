"""The JSON object has exactly the promised keys, and its numbers add up."""

import json

import pytest

from services.command.demo import summary
from services.command.demo.placement_file import PlacementFile
from services.command.demo.placing import Placed, RowRefused, damaged
from services.command.demo.results import Money, Results
from services.command.demo.tally import Tally
from services.ledger.placements.rows import validate_row
from shared.kernel.records import replace
from tests.unit.ledger.samples import TODAY, row

KEYS = """
accounts virtual_days permit_requests permits vetoes vetoes_by_rule attempts conversations disputes
plans payments reversals trial_balance audit_verified oracle_violations seconds
""".split()
RESULTS = Results(
    tenant="agy_1",
    counts={
        "account-placed": 3,
        "permit-granted": 5,
        "permit-refused": 4,
        "dispatch-started": 5,
        "dispatch-refused": 1,
    },
    conversations=2,
    vetoes_by_rule={"permitted-hours": 3, "call-cooldown": 2},
    money=Money(placed=100_00, received=30_00, reversed=10_00, recalled=0),
    trial_balance=0,
    lines=(("trust-cash", 20_00),),
    leaves=17,
    checkpoints=2,
    bad_record=None,
    unaudited=0,
    oracle_violations=(),
    oracle_checks=40,
)
RUN = summary.Run(
    file=PlacementFile(kind="own", creditor_name="Example Receivables", rows=()),
    placed=Placed(
        account_ids=("acct_1",),
        refused=(RowRefused(row=3, errors=(("/principal", "amount-mismatch"),)),),
        deliveries=3,
        was_replayed=True,
    ),
    results=RESULTS,
    virtual_days=28,
    seconds=12.34,
)


class TestJson:
    def test_has_the_promised_keys_in_one_line(self) -> None:
        text = summary.as_json(RUN)
        assert "\n" not in text
        assert list(json.loads(text)) == KEYS

    def test_adds_up(self) -> None:
        said = json.loads(summary.as_json(RUN))
        assert said["permit_requests"] == said["permits"] + said["vetoes"] == 9
        assert said["attempts"] == 4
        assert said["audit_verified"] is True

    @pytest.mark.parametrize(
        "bad", [{"bad_record": "dropped"}, {"unaudited": 1}, {"leaves": 0}], ids=str
    )
    def test_is_not_verified_when_anything_is_amiss(self, bad: dict[str, object]) -> None:
        run = replace(RUN, results=replace(RESULTS, **bad))
        assert json.loads(summary.as_json(run))["audit_verified"] is False


class TestShow:
    def test_says_it_in_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        summary.show(RUN, Tally(), on_error_stream=False)
        shown = capsys.readouterr().out
        for part in ("permitted-hours", "The books balance", "/principal amount-mismatch", "30.00"):
            assert part in shown


def test_every_damaged_row_is_refused() -> None:
    looked_at = [validate_row(each, TODAY) for each in damaged(row())]
    assert all(isinstance(each, list) for each in looked_at)
