"""No contact about an account that has not reached this gate."""

from datetime import datetime
from typing import Any

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def account_unknown(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object when no account is named or one of them is unknown; fail closed."""
    unknown = [each for each in gate.request.account_ids if each not in gate.accounts]
    if gate.request.account_ids and not unknown:
        return None
    return terms.objection(
        "deny",
        "An account asked about is not known for this consumer.",
        {"account_id": unknown[0] if unknown else ""},
    )
