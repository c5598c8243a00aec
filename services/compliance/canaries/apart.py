"""Keeps canaries out of every list, report and count that is made of events."""

from collections.abc import Sequence
from typing import Any

from shared.eventstore.statements import Statement
from shared.eventstore.transact import Issue
from shared.kernel import ids
from shared.kernel.records import replace
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler


def without_canaries(handlers: Sequence[Handler]) -> list[Handler]:
    """Return the handlers, which now do nothing about what happened at a canary's gate."""
    return [_apart(each) for each in handlers]


def _apart(handler: Handler) -> Handler:
    react, project, then = handler.react, handler.project, handler.then

    def reacting(event: Any, envelope: Envelope) -> Sequence[Issue]:
        return () if react is None or ids.is_canary(envelope.stream) else react(event, envelope)

    def projecting(event: Any, envelope: Envelope) -> Sequence[Statement]:
        if project is None or ids.is_canary(envelope.stream):
            return ()
        return project(event, envelope)

    def telling(envelope: Envelope) -> None:
        if then is not None and not ids.is_canary(envelope.stream):
            then(envelope)

    return replace(
        handler,
        react=react and reacting,
        project=project and projecting,
        then=then and telling,
    )
