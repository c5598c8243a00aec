"""The commands by which a fact reaches every gate, and every address, that it concerns."""

from collections.abc import Sequence

from services.compliance.permits.domain import GATES, commands
from services.compliance.permits.domain import stream as gate_stream
from services.compliance.points import domain as points
from services.compliance.rules.facts import Fact, OptOut
from shared.eventstore.transact import Issue, Moment


def record_fact(
    *,
    fact_key: str,
    source_stream: str,
    source_version: int,
    consumer_ids: Sequence[str],
    fact: Fact,
) -> list[Issue]:
    """Put a fact into force at its consumers' gates, and at an address that was opted out."""

    def at_gate(consumer_id: str) -> Issue:
        def command(moment: Moment) -> commands.RecordFact:
            return commands.RecordFact(
                consumer_id=consumer_id,
                fact_key=fact_key,
                source_stream=source_stream,
                source_version=source_version,
                fact=fact,
                now=moment.now,
            )

        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)

    issues = [at_gate(each) for each in consumer_ids]
    if isinstance(fact, OptOut) and fact.digest:
        issues.append(_at_address(fact, fact_key, source_stream, source_version, consumer_ids))
    return issues


def release_fact(
    *,
    fact_key: str,
    source_stream: str,
    source_version: int,
    consumer_ids: Sequence[str],
    released_by: str,
    reason: str,
    digest: str | None = None,
) -> list[Issue]:
    """End a fact at its consumers' gates, and at the address if it was an address's opt-out."""

    def at_gate(consumer_id: str) -> Issue:
        def command(moment: Moment) -> commands.ReleaseFact:
            return commands.ReleaseFact(
                consumer_id=consumer_id,
                fact_key=fact_key,
                source_stream=source_stream,
                source_version=source_version,
                released_by=released_by,
                reason=reason,
                now=moment.now,
            )

        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)

    issues = [at_gate(each) for each in consumer_ids]
    if digest:

        def lift(moment: Moment) -> points.ReleaseOptOut:
            return points.ReleaseOptOut(
                digest=digest,
                fact_key=fact_key,
                source_stream=source_stream,
                source_version=source_version,
                consumer_ids=tuple(consumer_ids),
                released_by=released_by,
                reason=reason,
                now=moment.now,
            )

        issues.append(Issue(stream=points.stream(digest), decider=points.POINTS, command=lift))
    return issues


def _at_address(
    fact: OptOut,
    fact_key: str,
    source_stream: str,
    source_version: int,
    consumer_ids: Sequence[str],
) -> Issue:
    digest = fact.digest or ""

    def command(moment: Moment) -> points.OptOutPoint:
        return points.OptOutPoint(
            digest=digest,
            fact_key=fact_key,
            source_stream=source_stream,
            source_version=source_version,
            consumer_ids=tuple(consumer_ids),
            medium=fact.medium,
            now=moment.now,
        )

    return Issue(stream=points.stream(digest), decider=points.POINTS, command=command)
