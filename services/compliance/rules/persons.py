"""Who counts as the consumer for contact (12 CFR 1006.6(a)).

For the frequency of calls each of these is a particular person of their own (1006.14(b)).
"""

from collections.abc import Iterable

from services.compliance.rules.facts import ConsumerStatus

ALWAYS = frozenset({"consumer", "spouse", "guardian", "successor_in_interest"})
"""The consumer, living or dead; a spouse, surviving ones too; a legal guardian; a confirmed
successor in interest."""

_WITH_STATUS = {"parent": "minor", "estate_representative": "deceased"}
"""A parent only of a minor, someone acting for an estate only where there is one."""


def is_consumer(role: str, statuses: Iterable[ConsumerStatus]) -> bool:
    """Tell whether somebody of that part is treated as the consumer."""
    needed = _WITH_STATUS.get(role)
    return role in ALWAYS or (
        needed is not None and any(each.status == needed for each in statuses)
    )
