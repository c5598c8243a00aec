"""What a dispatch concludes when nothing kills it: the truth, as far as it is known."""

import pytest

from services.contact.attempts.dispatch import UNREACHABLE, Sending
from services.contact.attempts.domain import outcomes
from shared.http.compliance_client import ComplianceRefused, ComplianceUnreachable
from tests.unit.contact.dispatching import Fuse, World, objection
from tests.unit.contact.samples import NOON


async def dispatched(world: World) -> World:
    await world.permit()
    await world.dispatch(Fuse()).run()
    return world


@pytest.mark.parametrize(
    ("sending", "outcome", "is_timed"),
    [
        ("sent", "email_sent", True),
        ("rejected", "email_bounced", True),
        ("not_sent", outcomes.NOT_ATTEMPTED, False),
        ("unknown", outcomes.UNKNOWN, False),
    ],
)
async def test_concludes_what_the_mailer_says(
    sending: Sending, outcome: str, is_timed: bool
) -> None:
    world = World()
    world.sending = sending
    attempt = await (await dispatched(world)).attempt()
    assert attempt.conclusion is not None
    assert attempt.conclusion.outcome == outcome
    assert attempt.conclusion.started_at == (NOON if is_timed else None)


async def test_sends_nothing_without_leave() -> None:
    world = World()
    world.gate.objection = objection("facts-stale")
    attempt = await (await dispatched(world)).attempt()
    assert (attempt.phase, attempt.rules, world.sent) == ("refused", ("facts-stale",), [])


@pytest.mark.parametrize(
    ("failure", "rule"),
    [
        (ComplianceUnreachable("ReadTimeout"), UNREACHABLE),
        (ComplianceRefused(404, "permit-unknown"), "permit-unknown"),
    ],
)
async def test_sends_nothing_without_an_answer(failure: Exception, rule: str) -> None:
    world = World()
    world.gate.failure = failure
    attempt = await (await dispatched(world)).attempt()
    assert (attempt.phase, attempt.rules, world.sent) == ("refused", (rule,), [])


async def test_a_repeated_redemption_is_no_leave() -> None:
    world = World()
    await world.permit()
    world.gate.used_by = "req_00000000000000000000000003"  # the id that this run will draw
    await world.dispatch(Fuse()).run()
    attempt = await world.attempt()
    assert (attempt.phase, attempt.rules, world.sent) == ("refused", ("permit-used",), [])


@pytest.mark.parametrize(("slowness_s", "count"), [(9.0, 1), (9.5, 0), (11.0, 0)])
async def test_begins_within_the_bound_or_not_at_all(slowness_s: float, count: int) -> None:
    world = World()
    world.slowness_s = slowness_s
    attempt = await (await dispatched(world)).attempt()
    assert len(world.sent) == count
    assert attempt.conclusion is not None
    assert attempt.conclusion.outcome == ("email_sent" if count else outcomes.NOT_ATTEMPTED)


async def test_an_erased_person_is_not_written_to() -> None:
    world = World()
    world.is_erased = True
    attempt = await (await dispatched(world)).attempt()
    assert (attempt.phase, attempt.cancel_reason) == ("cancelled", "person_erased")
    assert world.gate.used_by is None
