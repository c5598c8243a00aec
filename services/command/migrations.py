"""Brings every database's schema up to date, each as its owner, before anything serves."""

from services.command.databases import DatabaseUrls
from services.command.installation import SERVICES
from shared.eventstore import migrate as event_stores
from shared.vault import migrate as vault


def migrate(urls: DatabaseUrls) -> None:
    """Run the migrations that each database lacks; safe to run at every start, and side by side.

    Every history runs in one transaction under a lock: a database is at its old revision or at
    its new one, never between.
    """
    for service in SERVICES:
        event_stores.upgrade(service, urls.owner(service))
    vault.upgrade(urls.owner("vault"))
