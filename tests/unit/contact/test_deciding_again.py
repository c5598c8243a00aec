"""Whatever has happened, deciding again yields nothing, and folding never fails."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contact.attempts import domain as attempts
from services.contact.attempts.domain import outcomes
from services.contact.profiles import domain as profiles
from services.contact.profiles.domain import commands
from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from tests.unit.contact.samples import (
    CONSUMER,
    EMAIL,
    NOON,
    SOON,
    aim,
    conclude,
    permit,
    record_point,
    say,
    start,
    veto,
)

ATTEMPT_COMMANDS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((aim(), EMAIL)).map(permit),
    st.just(veto()),
    st.builds(
        start, st.sampled_from(("req_1", "req_2")), channel=st.sampled_from(("call", "email"))
    ),
    st.builds(
        attempts.commands.RefuseDispatch,
        dispatch_id=st.sampled_from(("req_1", "req_2")),
        rules=st.just(("facts-stale",)),
        now=st.just(NOON),
    ),
    st.sampled_from(sorted(outcomes.CALL_OUTCOMES | outcomes.EMAIL_OUTCOMES)).map(conclude),
    st.just(attempts.commands.ConcludeOverdue(now=SOON)),
    st.just(attempts.commands.CancelAttempt(reason="not_needed", now=NOON)),
    st.just(attempts.commands.RevokeAttempt(by_fact="fact_1", now=NOON)),
)

SAID: st.SearchStrategy[commands.Said] = st.one_of(
    st.builds(commands.Cease, in_writing=st.booleans(), medium=st.sampled_from(("call", "letter"))),
    st.builds(
        commands.OptOut,
        medium=st.sampled_from((None, "call", "text", "email")),
        contact_point_id=st.sampled_from((None, "cp_1", "cp_2")),
    ),
    st.just(commands.Attorney()),
    st.just(commands.EmployerProhibits()),
    st.builds(commands.WrongNumber, contact_point_id=st.sampled_from(("cp_1", "cp_2"))),
)
IDS = st.sampled_from(("fact_1", "fact_2", "cst_1"))
PROFILE_COMMANDS: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        record_point,
        contact_point_id=st.sampled_from(("cp_1", "cp_2")),
        account_id=st.sampled_from(("acct_1", "acct_2")),
        kind=st.sampled_from(("phone", "email")),
    ),
    st.builds(say, SAID, fact_id=st.sampled_from(("fact_1", "fact_2"))),
    st.builds(
        commands.RecordConsent,
        consumer_id=st.just(CONSUMER),
        consent_id=st.just("cst_1"),
        medium=st.sampled_from(("text", "email", "call")),
        procedure=st.just("direct_consent"),
        contact_point_id=st.sampled_from((None, "cp_1")),
        now=st.just(NOON),
    ),
    st.just(
        commands.WithdrawConsent(
            consumer_id=CONSUMER, consent_id="cst_1", now=NOON + timedelta(hours=1)
        )
    ),
    st.builds(
        commands.ReleaseFact,
        consumer_id=st.just(CONSUMER),
        fact_id=IDS,
        released_by=st.just("key_1"),
        reason=st.just("consumer_request"),
        now=st.just(SOON),
    ),
    st.builds(
        commands.ReceiveMessage,
        consumer_id=st.just(CONSUMER),
        message_id=st.sampled_from(("inb_1", "inb_2")),
        channel=st.sampled_from(("text", "email", "portal")),
        contact_point_id=st.sampled_from((None, "cp_1")),
        now=st.just(NOON),
    ),
)


def _live(decider: Decider[Any, Any, Any], asked: list[Any]) -> list[Any]:
    """Return the events of commands in turn, checking each for its repeat."""
    state: Any = decider.initial
    lived: list[Any] = []
    for command in asked:
        try:
            events = decider.decide(command, state)
        except DomainError:
            continue
        state = decider.fold(events, state)
        lived.extend(events)
        assert decider.decide(command, state) == ()
    return lived


@settings(max_examples=300, deadline=None)
@given(st.lists(ATTEMPT_COMMANDS, max_size=8))
def test_an_attempt_is_started_at_most_once_and_repeats_add_nothing(asked: list[Any]) -> None:
    lived = _live(attempts.ATTEMPTS, asked)
    started = [each for each in lived if isinstance(each, attempts.events.DispatchStarted)]
    assert len(started) <= 1
    assert attempts.ATTEMPTS.fold(lived) == attempts.ATTEMPTS.fold(tuple(lived))


@settings(max_examples=300, deadline=None)
@given(st.lists(PROFILE_COMMANDS, max_size=10))
def test_a_profile_adds_nothing_to_repeats_and_counts_its_versions(asked: list[Any]) -> None:
    lived = _live(profiles.PROFILES, asked)
    state = profiles.PROFILES.fold(lived)
    assert state.version == len(lived)
    assert all(kept.version <= state.version for kept in state.facts.values())
