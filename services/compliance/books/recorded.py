"""Books as they were recorded, found by the label that decisions name."""

from services.compliance.books import domain as books
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack
from shared.http.call import first_event
from shared.service.foundation import Foundation
from shared.telemetry.logging import get_logger

log = get_logger(__name__)


async def find_book(foundation: Foundation, tenant: str, label: str) -> Book | None:
    """Return a book that has decided for a tenant.

    None where there is none on record, or where these rules cannot read a pack of it any more.

    Raises:
        StoreUnavailable: no answer.
    """
    stream = books.stream(books.digest_of(label))
    recorded = await first_event(foundation, tenant, stream, books.RuleBookRecorded)
    if recorded is None:
        return None
    try:
        return books.book_of(recorded)
    except MalformedPack as error:
        log.warning("rule-book-unreadable", tenant=tenant, label=label, error=error)
        return None
