"""A protective fact that revokes a permit cancels the attempt it was for."""

from collections.abc import Sequence

from services.contact.attempts import domain as attempts
from services.contact.attempts.domain import commands
from services.contact.foreign import PermitRevoked
from shared.eventstore.transact import Issue
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction


def revoked(event: PermitRevoked, envelope: Envelope) -> Sequence[Issue]:
    """Give the attempt up; its queued e-mail goes with it."""
    return [
        Issue(
            stream=attempts.stream(attempts.attempt_id_of(event.permit_id)),
            decider=attempts.ATTEMPTS,
            command=lambda moment: commands.RevokeAttempt(by_fact=event.by_fact, now=moment.now),
        )
    ]


HANDLERS: tuple[Handler, ...] = (reaction(PermitRevoked, revoked),)
