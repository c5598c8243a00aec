"""About a debt only those are contacted who owe it, stand for who does, or count as the consumer.

Anyone else may be asked for location information and nothing more, unless the consumer has said to
us that the debt may be talked of with that person, or a court has, or a judgment is executed;
someone unknown, not at all.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import DebtHistory
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def party_unfit(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object to unknown parties, and to third parties but for the exceptions (1006.6(d)(1)-(2)).

    `judgment_purposes` pass only about debts on which a judgment is on record.
    """
    names = terms.names
    purpose = gate.request.purpose
    if gate.is_treated_as_consumer or gate.role in names["about_the_debt"]:
        return None
    about: dict[str, str | int] = {"party_id": gate.request.party_id, "role": gate.role}
    if gate.role != "unknown":
        if purpose in names["location_purposes"] or exceptions.is_disclosure_consented(gate, at):
            return None
        if purpose in names.get("judgment_purposes", ()) and _has_judgment(gate):
            return exceptions.on_callers_word(terms, gate, about)
    return terms.objection("deny", "This person may not be contacted about the debt.", about)


def _has_judgment(gate: Gate) -> bool:
    """Tell whether there is a judgment on every debt asked about."""
    found = {
        history.account_id
        for _, history in gate.of(DebtHistory)
        if "judgment" in (history.contract, history.restarted_by)
    }
    return gate.requested <= found
