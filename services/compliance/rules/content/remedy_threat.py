"""A remedy is not threatened unless it is lawful and intended."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms

_REMEDIES = {"suit": "a suit", "seizure": "seizure, garnishment, attachment or sale"}


def remedy_threat(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a threat of a remedy, or have it looked at where it is said to be meant."""
    (remedy,) = terms.names["remedy"]
    for each in wording.said(message, terms.names["threats"], terms.names.get("excused", ())):
        if remedy in message.lawful_and_intended:
            yield terms.finding(
                "flag",
                f"It speaks of {_REMEDIES[remedy]}, said to be lawful and intended.",
                each.passage,
            )
        else:
            yield terms.finding(
                "deny",
                f"It threatens {_REMEDIES[remedy]}, and nothing says that this is lawful and"
                " intended.",
                each.passage,
            )
