"""The figures as a table for people and as one line of JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench.appends import CONCURRENCIES
from tests.bench.flatness import Flatness
from tests.bench.journeys import Journey
from tests.bench.permits import CONNECTIONS, Permits
from tests.bench.statements import Statements
from tests.bench.windows import Rounds, Spread

FLATNESS_MAX = 1.2
APPEND_STATEMENTS_MAX = 1
DECISION_STATEMENTS_MAX = 2


@dataclass(frozen=True)
class Line:
    """One figure, what was asked of it, and whether the run can tell.

    `number` is the goal's, `seen` what a throwaway prototype reached; no value: not measured.
    """

    key: str
    name: str
    value: float | None
    spread: Spread | None = None
    goal: str = ""
    number: str = ""
    seen: str = ""
    is_met: bool = True
    is_noisy: bool = False
    detail: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        if self.is_noisy:
            return "too noisy"
        return ("met" if self.is_met else "missed") if self.goal else ""


def appends(rounds: Rounds) -> Iterator[Line]:
    """Show appends against bare inserts."""
    for number in CONCURRENCIES:
        append, insert = f"append-{number}", f"insert-{number}"
        ratio = rounds.ratio(append, insert)
        yield Line(
            key=f"append_ratio_{number}",
            name=f"appends/s ÷ bare INSERTs/s, {number} at once",
            value=ratio.middle,
            spread=ratio,
            is_noisy=rounds.rate(insert).is_noisy,
            detail=rates(rounds, append, insert),
        )


def permits(measured: Permits) -> Iterator[Line]:
    """Show permits against our own no-op, which passes the same checks."""
    rounds = measured.rounds
    ratio = rounds.ratio("permit", "own noop")
    yield Line(
        key="permit_ratio",
        name=f"permits/s ÷ our own no-ops/s over HTTP, {CONNECTIONS} at once",
        value=ratio.middle,
        spread=ratio,
        is_noisy=rounds.rate("own noop").is_noisy,
        detail=rates(rounds, "permit", "own noop"),
    )
    of_all = ", ".join(f"{number} {kind}" for kind, number in sorted(measured.decisions.items()))
    yield Line(
        key="permit_server_cpu_us",
        name="server CPU per permit, µs",
        value=rounds.cpu_us("permit")["server"],
        detail=f"our own no-op {rounds.cpu_us('own noop')['server']:.0f},"
        f" FastAPI's {rounds.cpu_us('noop')['peers']:.0f},"
        f" one of a batch {rounds.cpu_us('batch')['server']:.0f},"
        f" the naive route {rounds.cpu_us('naive route')['peers']:.0f}; decisions: {of_all}",
    )
    yield Line(
        key="permit_alone_p50_ms",
        name="permit p50, one caller, ms",
        value=measured.alone_permit_s * 1e3,
        detail=f"FastAPI's no-op {measured.alone_noop_s * 1e3:.2f}",
    )


def flatness(measured: Flatness) -> Iterator[Line]:
    """Show what a long history costs."""
    ratio = measured.ratio
    short, long = Spread.of(measured.short_s), Spread.of(measured.long_s)
    few, many = measured.events
    yield Line(
        key="flatness_ratio",
        name=f"permit p50, {many:,} events ÷ {few} events",
        value=ratio.middle,
        spread=ratio,
        goal=f"≤ {FLATNESS_MAX}",
        is_met=ratio.middle <= FLATNESS_MAX,
        is_noisy=short.is_noisy,
        detail=f"{long.middle * 1e3:.2f} ms ÷ {short.middle * 1e3:.2f} ms",
    )


def statements(measured: Statements) -> Iterator[Line]:
    """Show what goes over the wire."""
    limits = (
        ("append", measured.append, APPEND_STATEMENTS_MAX),
        ("permit", measured.permit, DECISION_STATEMENTS_MAX),
        ("redeem", measured.redeem, DECISION_STATEMENTS_MAX),
    )
    for kind, counted, most in limits:
        yield Line(
            key=f"{kind}_statements",
            name=f"statements on the wire per {kind}",
            value=counted,
            goal=f"≤ {most}",
            is_met=counted <= most,
        )


def publishing(rounds: Rounds) -> Iterator[Line]:
    """Show the relay against a bare producer."""
    yield _over_kafka(rounds, "relay", "produce", "relay ÷ bare producer, events/s")


def reading(rounds: Rounds) -> Iterator[Line]:
    """Show the feed, and a subscription, against a bare consumer."""
    yield _over_kafka(rounds, "read", "consume", "feed ÷ bare consumer, events/s")
    yield _over_kafka(rounds, "apply", "consume", "subscription ÷ bare consumer, events/s")


def journeys(measured: Sequence[Journey]) -> Iterator[Line]:
    """Show how long events take from one service to another."""
    for each in measured:
        for name, seconds in (("p50", each.p50), ("p99", each.p99)):
            yield Line(
                key=f"{each.feed}_{each.events_per_s}_{name}_ms",
                name=f"append to effect, {each.feed} feed, {each.events_per_s}/s, {name}, ms",
                value=seconds * 1e3,
                detail=f"{len(each.seconds)} events, slowest {max(each.seconds) * 1e3:.0f} ms",
            )


def _over_kafka(rounds: Rounds, name: str, baseline: str, title: str) -> Line:
    ratio = rounds.ratio(name, baseline)
    return Line(
        key=f"{name}_ratio",
        name=title,
        value=ratio.middle,
        spread=ratio,
        is_noisy=rounds.rate(baseline).is_noisy,
        detail=rates(rounds, name, baseline),
    )


def show(lines: Sequence[Line], console: Console) -> None:
    """Print the table, what the ratios were made of, and the JSON line."""
    table = Table(box=None, pad_edge=False)
    for title in ("#", "figure", "prototype", "median", "quartiles", "goal", "verdict"):
        is_number = title in ("prototype", "median", "quartiles")
        table.add_column(title, justify="right" if is_number else "left", no_wrap=True)
    for line in sorted(lines, key=lambda each: int(each.number or 99)):
        quartiles = f"{line.spread.low:.2f}–{line.spread.high:.2f}" if line.spread else ""
        shown = (line.name, line.seen, _shown(line.value), quartiles, line.goal, line.verdict)
        table.add_row(line.number, *shown)
    console.print(table)
    console.print("\nSeen in this run:")
    for line in lines:
        if line.detail:
            console.print(f"  {line.name}: {line.detail}", soft_wrap=True, highlight=False)
    print(json.dumps({line.key: _plain(line) for line in lines}))  # noqa: T201 - for programs


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def rates(rounds: Rounds, name: str, baseline: str) -> str:
    shown = []
    for each in (name, baseline):
        cpu = ", ".join(f"{process} {us:.0f}" for process, us in rounds.cpu_us(each).items())
        shown.append(f"{rounds.rate(each).middle:,.0f}/s (CPU µs: {cpu})")
    return " ÷ ".join(shown)


def _plain(line: Line) -> dict[str, object]:
    value = None if line.value is None else round(line.value, 4)
    shown: dict[str, object] = {"value": value, "verdict": line.verdict}
    if line.number:
        shown["goal"] = line.number
    if line.spread:
        shown["quartiles"] = [round(line.spread.low, 4), round(line.spread.high, 4)]
    return shown
