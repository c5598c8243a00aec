"""A placement makes its people's contact points and consents known."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from hashlib import sha256

from services.contact.foreign import AccountPlaced, PlacedConsent, PlacedContactPoint
from services.contact.profiles import domain as profiles
from services.contact.profiles.domain import commands
from shared.eventstore.transact import Issue, Moment
from shared.kernel import ids
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction

# Noon UTC is the same calendar date in every US time zone, so the stated date survives.
_NOON = time(12, tzinfo=UTC)


def placed(event: AccountPlaced, envelope: Envelope) -> Sequence[Issue]:
    """Record every contact point and consent in the profile of the consumer it leads to."""
    issues: list[Issue] = []
    for point in event.contact_points:
        issues.append(_point(event, point))
        for number, consent in enumerate(point.consents):
            issues.append(_consent(event, point, consent, number))
    return issues


def _point(event: AccountPlaced, point: PlacedContactPoint) -> Issue:
    consumer_id = _consumer_of(event, point)

    def command(moment: Moment) -> commands.RecordContactPoint:
        return commands.RecordContactPoint(
            consumer_id=consumer_id,
            contact_point_id=point.contact_point_id,
            account_id=event.account_id,
            kind=point.kind,
            label=point.label,
            value=point.value,
            digest=point.digest,
            now=moment.now,
            zones=point.zones,
            states=point.states,
            localities=point.localities,
            source=point.source,
            party_id=_party_of(point),
            obtained_on=point.obtained_on,
            is_public_domain=point.is_public_domain,
        )

    return _issue(consumer_id, command)


def _consent(
    event: AccountPlaced, point: PlacedContactPoint, consent: PlacedConsent, number: int
) -> Issue:
    consumer_id = _consumer_of(event, point)
    is_notice = consent.procedure == "creditor_notice"
    given_on = consent.notice_sent_on if is_notice else consent.given_on

    def command(moment: Moment) -> commands.RecordConsent:
        return commands.RecordConsent(
            consumer_id=consumer_id,
            consent_id=consent_id(point.contact_point_id, number),
            account_ids=(event.account_id,),
            medium=consent.medium,
            procedure=consent.procedure,
            given_to="prior_collector" if consent.procedure == "prior_collector" else "creditor",
            given_at=min(_instant(given_on or consent.given_on), moment.now),
            now=moment.now,
            contact_point_id=point.contact_point_id,
            opt_out_ends_on=consent.opt_out_by,
            party_id=_party_of(point),
            must_know_point=False,
        )

    return _issue(consumer_id, command)


def consent_id(contact_point_id: str, number: int) -> str:
    """Return the id of a placed consent: it follows from the point's, so a repeat is the same."""
    return ids.encode("cst", sha256(f"{contact_point_id}/{number}".encode()).digest()[:16])


def _consumer_of(event: AccountPlaced, point: PlacedContactPoint) -> str:
    return point.consumer_id or event.consumer_ids[0]


def _party_of(point: PlacedContactPoint) -> str | None:
    return None if point.consumer_id else point.party_id


def _instant(day: date) -> datetime:
    return datetime.combine(day, _NOON)


def _issue(consumer_id: str, command: Callable[[Moment], commands.Command]) -> Issue:
    return Issue(
        stream=profiles.stream(consumer_id),
        decider=profiles.PROFILES,
        command=command,
    )


HANDLERS: tuple[Handler, ...] = (reaction(AccountPlaced, placed),)
