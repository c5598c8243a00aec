"""Judging alone, by the whole rulebook, against Cedar with ten policies parsed beforehand."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.compliance.permits.domain import commands, decide, deciding
from services.compliance.permits.domain.state import GateState, evolve
from services.compliance.rules import rulebook
from shared.kernel.clock import RandomIds
from shared.location.zones import data_version
from tests.bench.history import NOON
from tests.bench.windows import Done, Meter, Rounds, Variant, interleave
from tests.gates import BOOK, Person
from tests.system import TENANT

CALLS = 3
AT_A_TIME = 200
_IDS = RandomIds()
_POLICIES = "\n".join(
    [
        'permit(principal, action == Action::"call", resource);',
        *(
            f'forbid(principal, action == Action::"call", resource) when {{ {each} }};'
            for each in (
                "context.hour < 8",
                "context.hour >= 21",
                "context.calls >= 7",
                "context.days_since_conversation < 7",
                "context.ceased",
                "context.disputed",
                "context.represented",
                "context.bankrupt",
                "context.at_work && context.employer_objects",
            )
        ),
    ]
)
_REQUEST = {
    "principal": 'Agent::"a"',
    "action": 'Action::"call"',
    "resource": 'Consumer::"c"',
    "context": {
        "hour": 13,
        "calls": CALLS,
        "days_since_conversation": 30,
        "ceased": False,
        "disputed": False,
        "represented": False,
        "bankrupt": False,
        "at_work": False,
        "employer_objects": False,
    },
}


@dataclass(frozen=True)
class Judging:
    """The windows, how many rules were in force for the request, and of how many in all."""

    rounds: Rounds
    in_force: int
    bound: int
    has_cedar: bool


async def measure(meters: Mapping[str, Meter], rounds: int, chance: random.Random) -> Judging:
    """Run the windows."""
    state, request = _gate()
    gate = deciding.gate_of(state, request)

    def judge() -> None:
        # A gate of its own each time: what one decision works out is not kept for another.
        rulebook.judge(deciding.gate_of(state, request), BOOK, request.now)

    variants = [Variant("judge", _over_and_over(judge))]
    if cedar := _cedar():
        variants.append(Variant("cedar", _over_and_over(cedar)))
    return Judging(
        rounds=await interleave(variants, meters, rounds, chance),
        in_force=len(rulebook.in_force(gate, BOOK, request.now)),
        bound=len(BOOK.contact),
        has_cedar=cedar is not None,
    )


def _gate() -> tuple[GateState, commands.RequestPermit]:
    """Return a consumer called three times, and a request to call."""
    person, state = Person(TENANT), GateState()
    past = person.known(NOON - timedelta(days=CALLS + 1))
    for days in range(CALLS, 0, -1):
        past += person.call(NOON - timedelta(days=days))
    for command in past:
        for event in decide(command, state):
            state = evolve(state, event)
    request = commands.RequestPermit(
        permit_id=_IDS.new("prm"),
        request=person.request,
        book=BOOK,
        tz_version=data_version(),
        now=NOON,
    )
    return state, request


def _over_and_over(call: Callable[[], None]) -> Callable[[float], Awaitable[Done]]:
    async def run(until: float) -> Done:
        # Nothing is waited for here, so the processor's time counts, not what neighbors take.
        operations, began = 0, time.process_time()
        while time.perf_counter() < until:
            for _ in range(AT_A_TIME):
                call()
            operations += AT_A_TIME
        return Done(operations=operations, seconds=time.process_time() - began)

    return run


def _cedar() -> Callable[[], None] | None:
    try:
        import cedarpy
    except ImportError:
        return None
    policies, entities = cedarpy.PolicySet.from_str(_POLICIES), cedarpy.Entities.from_json_str("[]")

    def ask() -> None:
        if not cedarpy.is_authorized(_REQUEST, policies, entities).allowed:
            raise RuntimeError("Cedar was to allow this")

    ask()
    return ask
