"""The commands by which a fact reaches every gate, and every address, that it concerns."""

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
    """Put a fact into force at its consumers' gates, and at an address that was opted out."""

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

        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)

    issues = [at_gate(each) for each in stated.consumer_ids]
    if isinstance(fact, OptOut) and fact.digest:
        issues.append(_at_address(stated, fact, fact.digest))
    return issues


def release_fact(
    stated: Stated, *, released_by: str, reason: str, digest: str | None = None
) -> list[Issue]:
    """End a fact at its consumers' gates, and at the address if it was an address's opt-out."""

    def at_gate(consumer_id: str) -> Issue:
        def command(moment: Moment) -> commands.ReleaseFact:
            return commands.ReleaseFact(
                consumer_id=consumer_id,
                fact_key=stated.fact_key,
                source_stream=stated.source_stream,
                source_version=stated.source_version,
                released_by=released_by,
                reason=reason,
                now=moment.now,
            )

        return Issue(stream=gate_stream(consumer_id), decider=GATES, command=command)

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
