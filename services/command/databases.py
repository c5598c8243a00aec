"""Which databases an installation has, which roles use them, and their URLs."""

from collections.abc import Mapping

from services.command.installation import SERVICES
from shared.kernel.records import record
from shared.postgres.provision import Database
from shared.postgres.urls import url_for

DATABASES = (
    *(
        Database(
            name=f"forbear_{service}",
            owner=f"{service}_owner",
            users=(f"{service}_app", f"{service}_feed", f"{service}_jobs"),
        )
        for service in SERVICES
    ),
    Database(name="forbear_vault", owner="vault_owner", users=("vault_app",)),
)
ROLES = tuple(role for database in DATABASES for role in database.roles)
NAMES = tuple(database.name for database in DATABASES)


@record
class DatabaseUrls:
    """Every role's way into its database, and the administrator's into the server."""

    admin: str
    by_role: Mapping[str, str]

    def owner(self, service: str) -> str:
        """Return the URL with which a service's database (or the vault's) is migrated."""
        return self.by_role[f"{service}_owner"]

    @property
    def of_users(self) -> Mapping[str, str]:
        """Return the URLs of the roles that serve; owners are left out."""
        users = {role for database in DATABASES for role in database.users}
        return {role: url for role, url in self.by_role.items() if role in users}


def database_urls(admin_url: str, passwords: Mapping[str, str]) -> DatabaseUrls:
    """Return the URLs of all roles on the administrator's server."""
    return DatabaseUrls(
        admin=admin_url,
        by_role={
            role: url_for(admin_url, database=database.name, role=role, password=passwords[role])
            for database in DATABASES
            for role in database.roles
        },
    )
