"""Opt-outs of an address, which bind it for every consumer who has it."""

from collections import defaultdict
from dataclasses import dataclass

from tests.oracle.log import Event
from tests.oracle.permits import Permit
from tests.oracle.report import Findings


@dataclass(frozen=True, slots=True)
class _Word:
    """An opt-out of the address, or the end of one, in commit order."""

    order: tuple[int, int]
    key: tuple[str, str]
    is_opt_out: bool
    medium: str | None
    event_id: str


class Points:
    """Every opt-out of every address, to be laid beside the redeems that used it."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._words: dict[tuple[str, str], list[_Word]] = defaultdict(list)

    def take(self, event: Event) -> None:
        """Remember what an event of an address's stream says."""
        logged, body = event.logged, event.body
        digest = logged.stream.removeprefix("point-")
        self._words[logged.tenant, digest].append(
            _Word(
                order=logged.order,
                key=(body["source_stream"], body["fact_key"]),
                is_opt_out=event.name == "point-opted-out",
                medium=body.get("medium"),
                event_id=event.id,
            )
        )

    def finish(self, permits: dict[tuple[str, str], Permit]) -> None:
        """Name every redeem for an address that was opted out when it was committed.

        An opt-out that the consumer's own gate held has been judged there, exceptions included.
        """
        for (tenant, permit_id), permit in permits.items():
            if permit.redeemed_at is None or permit.digest is None:
                continue
            self._findings.checked["contact-to-opted-out-address"] += 1
            in_force: dict[tuple[str, str], _Word] = {}
            for word in self._words.get((tenant, permit.digest), ()):
                if word.order >= permit.redeemed_order:
                    continue
                in_force.pop(word.key, None)
                if word.is_opt_out:
                    in_force[word.key] = word
            for word in in_force.values():
                if word.medium not in (None, permit.aim.medium):
                    continue
                if word.key[1] not in permit.own_opt_outs:
                    self._findings.name(
                        "contact-to-opted-out-address",
                        tenant,
                        permit.consumer_id,
                        (permit.redeemed_event_id or permit.event_id, word.event_id),
                        f"The permit {permit_id} was redeemed for an address that"
                        f" {word.key[1]} had opted out.",
                    )
