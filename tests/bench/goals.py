"""The goals for permits, by number: what a prototype reached, what was measured, met or not.

Most of what permits are measured against decides by one rule or by none, for nobody in particular,
and keeps no evidence; each row names it so. The goals were set by prototypes of that kind.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.bench.growth import Growth
from tests.bench.judging import Judging
from tests.bench.overgrants import Verdict
from tests.bench.permits import BATCH, CONNECTIONS, Permits
from tests.bench.raw import AT_ONCE, Raw
from tests.bench.report import Line, rates
from tests.bench.windows import Rounds, Spread


def _least(
    goal: str, name: str, rounds: Rounds, pair: tuple[str, str], least: float, seen: str
) -> Line:
    """Show a ratio of rates that is to be at least so much."""
    ratio = rounds.ratio(*pair)
    return Line(
        key=f"goal_{goal.replace('.', '_')}_{pair[1].replace(' ', '_').replace('-', '_')}",
        name=name,
        number=goal,
        seen=seen,
        value=ratio.middle,
        spread=ratio,
        goal=f"≥ {least:g}",
        is_met=ratio.middle >= least,
        is_noisy=rounds.rate(pair[1]).is_noisy,
        detail=rates(rounds, *pair),
    )


def _most(goal: str, key: str, name: str, spread: Spread, most: float, seen: str) -> Line:
    """Show a figure that is to be at most so much."""
    return Line(
        key=f"goal_{goal}_{key}",
        name=name,
        number=goal,
        seen=seen,
        value=spread.middle,
        spread=spread,
        goal=f"≤ {most:g}",
        is_met=spread.middle <= most,
    )


def raw(measured: Raw) -> Iterator[Line]:
    """Goals 5 and 6: without HTTP."""
    rounds = measured.rounds
    at_once = f"{AT_ONCE} at once"
    yield _least(
        "5",
        f"permits by all rules ÷ counting for one, {at_once}",
        rounds,
        ("raw", "naive"),
        8,
        "9.4",
    )
    by = "pgbench" if measured.function == "function" else "a prepared statement loop"
    yield _least(
        "5",
        f"permits by all rules ÷ a function for one, by {by}",
        rounds,
        ("raw", measured.function),
        2.5,
        "3",
    )
    p99 = rounds.p99_s("raw")
    in_ms = Spread(low=p99.low * 1e3, middle=p99.middle * 1e3, high=p99.high * 1e3)
    yield replace(
        _most("5", "p99_ms", f"permit p99, {at_once}, ms", in_ms, 10, "6"),
        is_noisy=rounds.rate("naive").is_noisy,
    )
    if measured.has_redis:
        yield _least(
            "6",
            f"permits by all rules ÷ one in Redis (Lua), {at_once}",
            rounds,
            ("raw", "redis"),
            1.2,
            "1.65",
        )
    else:
        yield Line(
            key="goal_6_redis",
            name="permits by all rules ÷ one in Redis (Lua)",
            number="6",
            seen="1.65",
            value=None,
            goal="≥ 1.2",
            detail="not measured: no server here; install the group `bench`",
        )


def oracle(verdict: Verdict) -> Iterator[Line]:
    """Goal 7: nobody was granted a call too many while it was measured."""
    yield Line(
        key="goal_7_overgrants",
        name="consumers with a call too many",
        number="7",
        seen="0",
        value=verdict.over + len(verdict.violations),
        goal="≤ 0",
        is_met=verdict.is_clean,
        detail=(
            f"{verdict.permits:,} permits of {verdict.consumers:,} consumers recounted;"
            f" the oracle objects to: {', '.join(verdict.violations) or 'nothing'}"
        ),
    )


def http(measured: Permits) -> Iterator[Line]:
    """Goals 8 to 11: over HTTP."""
    rounds = measured.rounds
    at_once = f"{CONNECTIONS} at once"
    for number, least, seen, kind in (("8", 1.0, "1.06", "any"), ("9", 0.6, "0.63", "ordinary")):
        yield _least(
            number,
            f"permits by {kind} route ÷ FastAPI's bare no-op, {at_once}",
            rounds,
            ("permit", "noop"),
            least,
            seen,
        )
    yield _least(
        "8",
        "permits by all rules ÷ a bare route that counts for one",
        rounds,
        ("permit", "naive route"),
        7,
        "8",
    )
    yield _least(
        "10", f"permits, {BATCH} in a call ÷ one in a call", rounds, ("batch", "permit"), 3, "3.2"
    )
    for name in ("permit", "redeem"):
        yield replace(
            _most("11", name, f"{name} p99 ÷ p50, {at_once}", rounds.tail(name), 4, "2.3–4.8"),
            is_noisy=rounds.rate("noop").is_noisy,
            detail=f"p50 {rounds.p50_s(name).middle * 1e3:.1f} ms,"
            f" p99 {rounds.p99_s(name).middle * 1e3:.1f} ms",
        )


def judging(measured: Judging) -> Iterator[Line]:
    """Goal 12: the rules alone."""
    rounds = measured.rounds
    decisions_us = [1e6 / each for each in rounds.rates("judge")]
    per_decision = Spread.of(decisions_us)
    each_rule = [each / measured.in_force for each in decisions_us]
    yield replace(
        _most("12", "us", "µs for one rule of a judgement", Spread.of(each_rule), 2, "0.09"),
        is_noisy=per_decision.is_noisy,
        detail=f"{per_decision.middle:.0f} µs for all {measured.in_force} rules in force for the"
        f" request, of {measured.bound} bound; the prototype took 0.9 µs for ten",
    )
    if measured.has_cedar:
        yield _least(
            "12",
            "judgements by all rules ÷ Cedar's by ten policies",
            rounds,
            ("judge", "cedar"),
            50,
            "75",
        )
    else:
        yield Line(
            key="goal_12_cedar",
            name="judgements by all rules ÷ Cedar's by ten policies",
            number="12",
            seen="75",
            value=None,
            goal="≥ 50",
            detail="not measured: install the group `bench`",
        )


def growth(measured: Growth) -> Iterator[Line]:
    """Goal 17: flat over the size of the log."""
    rounds = measured.rounds
    few, many = measured.events
    for number, most, seen in ((1, 1.10, "1.08"), (8, 1.2, "1.14")):
        small, large = f"few-{number}", f"many-{number}"
        name = f"permit p50, {many:,} events ÷ {few:,}, {number} at once"
        ratio = rounds.slowdown(large, small)
        yield replace(
            _most("17", f"at_once_{number}", name, ratio, most, seen),
            is_noisy=rounds.p50_s(small).is_noisy,
            detail=f"{rounds.p50_s(large).middle * 1e3:.2f} ms"
            f" ÷ {rounds.p50_s(small).middle * 1e3:.2f} ms",
        )
