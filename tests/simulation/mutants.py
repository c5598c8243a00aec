"""Planted bugs: worlds in which one part of the composition is wrong.

None of them patches anything: each is a part that someone could have written.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from services.compliance.permits.domain import GATES
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.records import replace
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler
from tests.simulation.composition import BOOK, AnyDecider, Composition
from tests.simulation.planted import (
    ByOwnWatch,
    Forgetful,
    Insistent,
    Keyless,
    LastWins,
    Obliging,
    Reassuring,
    Unguarded,
    hasty,
    longer_day,
    newest_is_what_comes_last,
    only_reported,
)


def _with_decider(changed: AnyDecider) -> Composition:
    """Put another decider in the place of the gate's, for requests and for events."""

    def swapped(issue: Issue) -> Issue:
        return replace(issue, decider=changed) if issue.decider is GATES else issue

    class Changed(Transactor):
        async def transact(self, context: Context, issues: Sequence[Issue], **how: Any) -> Outcome:
            return await super().transact(context, [swapped(each) for each in issues], **how)

    def handlers(given: Sequence[Handler]) -> Sequence[Handler]:
        return [_reacting(each, swapped) for each in given]

    return Composition(
        transactor=lambda connection, ids, process: Changed(connection, ids), handlers=handlers
    )


def _reacting(handler: Handler, swapped: Callable[[Issue], Issue]) -> Handler:
    react = handler.react
    if react is None:
        return handler

    def reacting(event: Any, envelope: Envelope) -> Sequence[Issue]:
        return [swapped(each) for each in react(event, envelope)]

    return replace(handler, react=reacting)


MUTANTS: dict[str, Composition] = {
    "dispatch-without-redeem": Composition(gate=Obliging),
    "redeem-does-not-decide-again": _with_decider(hasty()),
    "no-slack-in-the-hours": Composition(book=longer_day(BOOK)),
    "unreported-calls-not-counted": _with_decider(only_reported()),
    "window-by-the-machines-clock": Composition(transactor=ByOwnWatch),
    "append-without-version-check": Composition(connection=LastWins),
    "idempotency-ignored": Composition(
        transactor=lambda connection, ids, process: Keyless(connection, ids)
    ),
    "older-fact-beats-newer": _with_decider(newest_is_what_comes_last()),
    "address-opt-out-not-checked": Composition(
        transactor=lambda connection, ids, process: Unguarded(connection, ids)
    ),
    "sends-again-after-unknown": Composition(email_dispatch=Insistent),
    "stop-acknowledged-before-commit": Composition(compliance_client=Reassuring),
    "checkpoint-before-effect": Composition(effects=Forgetful),
    "staleness-ignored": Composition(staleness=timedelta(days=10_000)),
}
