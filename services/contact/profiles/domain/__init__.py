"""Profiles: how a consumer can be reached, and what they said about being reached.

One stream per consumer. What restricts contact is never merged and never lapses by itself: each
statement binds until it is released by name, by whom and why.
"""

from typing import assert_never

from services.contact.profiles.domain import commands, deciding, events, statements, told
from services.contact.profiles.domain.state import (
    KeptFact,
    Point,
    Profile,
    automated_key,
    evolve,
)
from shared.kernel.decider import Decider

__all__ = [
    "KeptFact",
    "PROFILES",
    "Point",
    "Profile",
    "automated_key",
    "commands",
    "events",
    "stream",
    "told",
]


def decide(command: commands.Command, state: Profile) -> tuple[events.Event, ...]:
    """Answer a command with what becomes known; a repeat yields nothing.

    Raises:
        DomainError: one of `refusals`, when the command does not fit the profile.
    """
    match command:
        case commands.RecordContactPoint():
            return deciding.record_point(command, state)
        case commands.RecordConsent():
            return deciding.record_consent(command, state)
        case commands.WithdrawConsent():
            return deciding.withdraw_consent(command, state)
        case commands.RecordStatement():
            return statements.record_statement(command, state)
        case commands.ReleaseFact():
            return statements.release_fact(command, state)
        case commands.ReceiveMessage():
            return deciding.receive_message(command, state)
        case commands.ReceiveCall():
            return deciding.receive_call(command, state)
        case _:
            assert_never(command)


def stream(consumer_id: str) -> str:
    """Name the stream of one consumer."""
    return f"contact-{consumer_id}"


PROFILES: Decider[commands.Command, Profile, events.Event] = Decider(
    initial=Profile(),
    evolve=evolve,
    decide=decide,
    events=events.EVENTS,
    state=Profile,
)
