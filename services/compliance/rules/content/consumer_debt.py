"""What is owed by a firm, or for a business, is not a consumer debt."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import DebtKind, Message
from services.compliance.rules.pack import Terms


def consumer_debt(terms: Terms, message: Message) -> Iterator[Finding]:
    """Have a message looked at whose debt is none; it is judged as if it were."""
    if message.debt is not None and not is_debt(terms, message.debt):
        yield terms.finding(
            "flag", "Not a consumer debt: these rules may not apply; state law may all the same."
        )


def is_debt(terms: Terms, kind: DebtKind) -> bool:
    """Tell whether an obligation is a debt: a natural person's, for personal purposes."""
    is_personal = kind.purpose is None or kind.purpose in terms.names["purposes"]
    return kind.obligor in terms.names["obligors"] and is_personal
