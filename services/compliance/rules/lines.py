"""Telephone lines as the TCPA tells them apart, from the label of the contact point.

A number of unknown kind may be wireless and may be residential, so both are asked of it.
"""

from datetime import datetime

from services.compliance.rules import local_time
from services.compliance.rules.facts import AutomatedConsent
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import TELEPHONE

AUTOMATED = frozenset({"prerecorded", "autodialed"})
_RESIDENTIAL = frozenset({"home", "landline", "home_landline", "residential"})
_KNOWN = _RESIDENTIAL | {"mobile", "work"}


def is_automated(gate: Gate) -> bool:
    """Tell whether an autodialer or a recorded voice would call or text."""
    return gate.request.channel in TELEPHONE | {"text"} and gate.request.technology in AUTOMATED


def may_be_wireless(label: str | None) -> bool:
    """Tell whether a number of that label may be a mobile's."""
    return label == "mobile" or label not in _KNOWN


def may_be_residential(label: str | None) -> bool:
    """Tell whether a number of that label may be a home's."""
    return label in _RESIDENTIAL or label not in _KNOWN


def consents(gate: Gate) -> list[tuple[str, AutomatedConsent]]:
    """Return the consents to automated calls to the requested number, ended ones too."""
    return [
        (key, consent)
        for key, consent in gate.of(AutomatedConsent)
        if gate.is_about(consent.party_id)
        and consent.contact_point_id in (None, gate.request.contact_point_id)
    ]


def consents_in_force(gate: Gate, at: datetime) -> list[AutomatedConsent]:
    """Return those given by then, neither withdrawn nor expired, for every requested account."""
    return [
        consent
        for _, consent in consents(gate)
        if consent.given_at <= at
        and consent.withdrawn_at is None
        and not local_time.is_over(gate.counting_zones, consent.expires_on, at)
        and (not consent.account_ids or gate.requested.issubset(consent.account_ids))
    ]
