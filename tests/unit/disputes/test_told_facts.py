"""What compliance is told is what its gate reads: the same kinds, the same fields."""

from typing import Any, get_args

import msgspec
import pytest

from services.compliance.rules import facts as gate
from services.disputes.disputes import domain as disputes
from services.disputes.disputes.domain import commands, told
from services.disputes.disputes.hearing import heard_of
from tests.unit.disputes.test_disputes import answer, happened, open_dispute


@pytest.mark.parametrize("kind", get_args(told.Fact), ids=lambda kind: kind.__name__)
def test_every_kind_is_one_of_the_gates(kind: Any) -> None:
    theirs = {each.__struct_config__.tag: each for each in get_args(gate.Fact)}
    twin = theirs[kind.__struct_config__.tag]
    assert set(kind.__struct_fields__) <= set(twin.__struct_fields__)


@pytest.mark.parametrize(
    "asked",
    [
        (open_dispute(),),
        (open_dispute(in_writing=False, timely=False), answer()),
        (open_dispute(kind="original_creditor_request"),),
    ],
)
def test_every_dispute_reads_as_the_same_fact(asked: tuple[commands.Command, ...]) -> None:
    dispute = disputes.DISPUTES.fold(happened(*asked))
    statement = heard_of(dispute, "dsp_1", "cns_1").statement
    body = msgspec.json.decode(msgspec.json.encode(statement))
    read: Any = msgspec.convert(body["fact"], gate.Fact, strict=False)
    assert msgspec.json.decode(msgspec.json.encode(read)) == body["fact"]
    assert body["source_version"] == len(asked)
    assert read.answered == (len(asked) == 2)
