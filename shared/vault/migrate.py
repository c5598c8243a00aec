"""Brings the key vault's database to its newest revision."""

from shared.eventstore.migrate import downgrade_package, upgrade_package

PACKAGE = "shared.vault"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run the migrations that the vault lacks, as its owner."""
    upgrade_package(PACKAGE, owner_url, revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Undo migrations down to a revision."""
    downgrade_package(PACKAGE, owner_url, revision)
