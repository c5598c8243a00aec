"""What is counted of decisions about acts, and of what packs in shadow would have said."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.compliance.permits.domain import GATES, ActRefused, ClearAct, PermitGranted
from services.compliance.permits.measuring import measured, measured_clearance
from services.compliance.rules import rulebook
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import ActRequest, Purge
from services.compliance.rules.book import Book, Bound, Observed
from services.compliance.rules.findings import Observation
from services.compliance.rules.gate import Gate
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import Terms
from shared.eventstore.transact import Outcome
from shared.kernel.records import replace
from shared.telemetry import metrics, tracing
from tests.exposed import Exposed
from tests.unit.compliance.samples import BOOK, CONSUMER, NOON, TZ_VERSION, World, ask, gate, local

SHADOW = read_pack(
    """
pack: trial
version: "1"
jurisdiction: VT
rules:
- rule: permitted-hours
  law: STATE-VT-HOURS
  citation: Toy Code 1
  effective_from: 2020-01-01
  parameters: {opens_minute: 480, closes_minute: 540}
""",
    "vt.yaml",
)
PURGE = ClearAct(
    clearance_id="clr_1",
    request=ActRequest(
        act=Purge(records="all"),
        consumer_id=CONSUMER,
        account_ids=("acct_1",),
        party_id=CONSUMER,
    ),
    book=BOOK,
    tz_version=TZ_VERSION,
    now=NOON,
)


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    metrics.configure(is_scraped=True, environ={})
    with tracing.acting_as("compliance"):
        yield
    metrics.shutdown()


def exposed() -> Exposed:
    return Exposed((metrics.exposed("compliance") or b"").decode())


async def of(event: Any) -> Outcome:
    return Outcome(now=NOON, states={}, versions={}, events=(("gate-cns_1", event),))


def test_counts_acts_by_verdict_and_rule() -> None:
    (refused,) = GATES.decide(PURGE, World().state)
    assert isinstance(refused, ActRefused)
    asyncio.run(measured_clearance("purge", of(refused)))
    shown = exposed()
    act = {"forbear_act": "purge"}
    assert shown.value("forbear_clearances_total", **act, forbear_verdict=refused.verdict) == 1
    counted = shown.samples("forbear_clearance_objections_total", **act)
    rules = {each.rule for each in refused.objections}
    assert {labels["forbear_rule"] for _, labels, _ in counted} == rules
    assert shown.value("forbear_clearance_duration_seconds_count", **act) == 1


def test_counts_what_a_pack_in_shadow_would_have_said() -> None:
    (granted,) = GATES.decide(ask(book=rulebook.bind(BOOK.packs, [SHADOW])), GATES.fold(gate()))
    assert isinstance(granted, PermitGranted)
    asyncio.run(measured("request", "call", of(granted)))
    shown = exposed()
    trial = {"forbear_pack": SHADOW.label, "forbear_rule": "permitted-hours"}
    assert shown.value("forbear_observed_objections_total", **trial) == 1
    assert shown.samples("forbear_objections_total") == []


def raising(terms: Terms, gate: Gate, at: datetime) -> None:
    raise KeyError("hours")


@pytest.mark.parametrize("at", [NOON, local("2026-06-10T03:00")])
async def test_a_pack_in_shadow_that_raises_is_counted_and_changes_no_decision(
    at: datetime,
) -> None:
    (watched,) = rulebook.bind(BOOK.packs, [SHADOW]).observed
    bound = [Bound(jurisdiction="VT", terms=each, rule=raising) for each in SHADOW.terms]
    book = rulebook.bind(BOOK.packs, [SHADOW])
    book.observed = (Observed(pack=watched.pack, book=Book([SHADOW], bound)),)
    decided, without = World().ask(at=at, book=book), World().ask(at=at)
    (observed,) = decided.observed
    assert observed == Observation(pack="trial@1", verdict="review", failed_with="KeyError")
    assert replace(decided, observed=(), rule_pack="") == replace(without, rule_pack="")
    await measured("request", "call", of(decided))
    assert exposed().value("forbear_rule_pack_failures_total", forbear_stage="shadow") == 1


async def test_a_pack_in_shadow_that_raises_changes_no_clearance() -> None:
    def raising_of_acts(terms: Terms, gate: ActGate, at: datetime) -> None:
        raise RecursionError

    bound = [Bound(jurisdiction="VT", terms=each, rule=raising_of_acts) for each in SHADOW.terms]
    book = rulebook.bind(BOOK.packs, [SHADOW])
    book.observed = (Observed(pack=SHADOW, book=Book([SHADOW], (), bound)),)
    (decided,) = GATES.decide(replace(PURGE, book=book), World(gate()).state)
    (without,) = GATES.decide(PURGE, World(gate()).state)
    assert isinstance(decided, ActRefused)
    assert decided.observed[0].failed_with == "RecursionError"
    assert replace(decided, observed=(), rule_pack="") == replace(without, rule_pack="")
