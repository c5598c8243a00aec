"""A kind of debt nobody has rules for is not worked."""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def product_type_unknown(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to a product type the pack does not list; fail closed."""
    known = terms.names["product_types"]
    for account_id in gate.request.account_ids:
        account = gate.accounts.get(account_id)
        if account is not None and account.product_type not in known:
            return terms.objection(
                "deny",
                "The kind of debt is not one the rules provide for.",
                {"account_id": account_id},
            )
    return None
