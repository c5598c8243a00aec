"""Takes facts in and lets them go, and revokes the permits that a protective fact ends.

Feeds deliver late, twice and out of order. Only the stating stream's own versions order facts: an
older or equal version of the same key changes nothing, and a release that overtakes its fact wins.
"""

from services.compliance.permits.domain import commands, events
from services.compliance.permits.domain.refusals import AccountNotFound
from services.compliance.permits.domain.scope import ends_permit
from services.compliance.permits.domain.state import FACTS_KEPT_MAX, GateState, address
from services.compliance.rules import facts, slots


def record_fact(command: commands.RecordFact, state: GateState) -> tuple[events.Event, ...]:
    """Take the fact in, unless the gate knows better, and revoke what it ends.

    Raises:
        AccountNotFound: it must be about accounts that the gate knows, and is not.
    """
    if _is_known(state, command.source_stream, command.fact_key, command.source_version):
        return ()
    _require_accounts(command.about, state)
    until = facts.kept_until(command.fact)
    if until is not None and until <= command.now:
        return ()
    recorded = events.FactRecorded(
        consumer_ids=(command.consumer_id,),
        fact_key=command.fact_key,
        source_stream=command.source_stream,
        source_version=command.source_version,
        fact=command.fact,
        at=command.now,
    )
    revoked = tuple(
        events.PermitRevoked(
            consumer_ids=(command.consumer_id,),
            permit_id=slot.permit_id,
            by_fact=command.fact_key,
            at=command.now,
        )
        for slot in state.slots.values()
        if slots.is_open(slot, command.now) and ends_permit(command.fact, slot.request)
    )
    return (recorded, *revoked)


def release_fact(command: commands.ReleaseFact, state: GateState) -> tuple[events.Event, ...]:
    """Let the fact go, also before it has come."""
    if _is_known(state, command.source_stream, command.fact_key, command.source_version):
        return ()
    kept = state.facts.get(address(command.source_stream, command.fact_key))
    if command.must_be_known and (kept is None or kept.fact is None):
        return ()
    released = events.FactReleased(
        consumer_ids=(command.consumer_id,),
        fact_key=command.fact_key,
        source_stream=command.source_stream,
        source_version=command.source_version,
        released_by=command.released_by,
        reason=command.reason,
        at=command.now,
    )
    return (released,)


def _require_accounts(account_ids: tuple[str, ...], state: GateState) -> None:
    if not account_ids:
        return
    facts_known = (kept.fact for kept in state.facts.values())
    known = {each.account_id for each in facts_known if isinstance(each, facts.AccountKnown)}
    for index, account_id in enumerate(account_ids):
        if account_id not in known:
            raise AccountNotFound(
                "the consumer has no such account here: name accounts of theirs, or ask again in a"
                " moment if it was just placed",
                pointer=f"/account_ids/{index}",
            )


def _is_known(state: GateState, stream: str, fact_key: str, version: int) -> bool:
    kept = state.facts.get(address(stream, fact_key))
    if kept is not None:
        return kept.source_version >= version
    # An overfull gate refuses everything already; it takes nothing new in.
    return state.is_overfull and len(state.facts) >= FACTS_KEPT_MAX
