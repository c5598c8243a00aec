"""The commands by which a fact reaches every gate, and every address, that it concerns."""

from collections.abc import Callable
from typing import Any

from services.compliance.facts import joint
from services.compliance.permits.domain import GATES, commands
from services.compliance.permits.domain import stream as gate_stream
from services.compliance.points import domain as points
from services.compliance.rules.facts import Fact, OptOut
from shared.eventstore.transact import Issue, Moment
from shared.kernel.records import record


@record
class Stated:
    """What states a fact: its key, as of a version of the stream that says so, for whom."""

    fact_key: str
    source_stream: str
    source_version: int
    consumer_ids: tuple[str, ...]


def record_fact(stated: Stated, fact: Fact) -> list[Issue]:
    """Put a fact into force at its consumers' gates, and at an address that was opted out.

    What one of them says of a debt follows to everyone who owes it.
    """

    def at_gate(consumer_id: str) -> Issue:
        def command(moment: Moment) -> commands.RecordFact:
            return commands.RecordFact(
                consumer_id=consumer_id,
                fact_key=stated.fact_key,
                source_stream=stated.source_stream,
                source_version=stated.source_version,
                fact=fact,
                now=moment.now,
            )

        then = joint.told_of(consumer_id, stated.source_stream, stated.fact_key, fact)
        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command, then=then)

    issues = [at_gate(each) for each in stated.consumer_ids]
    if isinstance(fact, OptOut) and fact.digest:
        issues.append(_at_address(stated, fact, fact.digest))
    return issues


def release_fact(
    stated: Stated, *, released_by: str, reason: str, digest: str | None = None
) -> list[Issue]:
    """End a fact wherever it is known, and at the address if it was an address's opt-out."""

    def ended(consumer_id: str, account_id: str | None = None) -> Callable[[Moment], Any]:
        key = joint.key_for(stated.fact_key, account_id) if account_id else stated.fact_key
        return lambda moment: commands.ReleaseFact(
            consumer_id=consumer_id,
            fact_key=key,
            source_stream=stated.source_stream,
            source_version=stated.source_version,
            released_by=released_by,
            reason=reason,
            now=moment.now,
            must_be_known=account_id is not None,
        )

    def elsewhere(consumer_id: str, account_id: str) -> Issue:
        command = ended(consumer_id, account_id)
        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)

    def at_gate(consumer_id: str) -> Issue:
        is_own = stated.source_stream == joint.profile(consumer_id)
        return Issue(
            stream=gate_stream(consumer_id),
            decider=GATES,
            command=ended(consumer_id),
            then=joint.released_of(consumer_id, elsewhere) if is_own else None,
        )

    issues = [at_gate(each) for each in stated.consumer_ids]
    if digest:

        def lift(moment: Moment) -> points.ReleaseOptOut:
            return points.ReleaseOptOut(
                digest=digest,
                fact_key=stated.fact_key,
                source_stream=stated.source_stream,
                source_version=stated.source_version,
                consumer_ids=stated.consumer_ids,
                released_by=released_by,
                reason=reason,
                now=moment.now,
            )

        issues.append(Issue(stream=points.stream(digest), decider=points.POINTS, command=lift))
    return issues


def _at_address(stated: Stated, fact: OptOut, digest: str) -> Issue:
    def command(moment: Moment) -> points.OptOutPoint:
        return points.OptOutPoint(
            digest=digest,
            fact_key=stated.fact_key,
            source_stream=stated.source_stream,
            source_version=stated.source_version,
            consumer_ids=stated.consumer_ids,
            medium=fact.medium,
            now=moment.now,
        )

    return Issue(stream=points.stream(digest), decider=points.POINTS, command=command)
