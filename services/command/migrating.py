"""Databases, roles and schemas of many machines, brought up to date before the services start."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

import asyncpg
from pydantic import SecretStr, ValidationError

from services.command.databases import DATABASES, DatabaseUrls
from services.command.migration_settings import MigrationSettings, ServiceUrls, VaultUrls
from services.command.process_settings import misfits, prefix_of
from services.command.terminal import Refused, say
from services.command.wiring import migrate as upgrade
from shared.eventstore.migrate import revision_of
from shared.postgres.provision import Database, ServerTooOld, provision

CONNECT_TIMEOUT_S = 5.0
PAUSE_S = 0.5
VAULT = "vault"
BY_SERVICE: Mapping[str, Database] = {each.owner.removesuffix("_owner"): each for each in DATABASES}
_STARTING = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)
_REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError)


def bring_up_to_date(names: Sequence[str], wait_s: float) -> None:
    """Make or mend the databases of some services (or the vault's), then migrate them.

    Raises:
        Refused: a setting does not fit, or a server does not let us in; the reason was printed.
    """
    admin, urls = _read(names)
    databases = [BY_SERVICE[name] for name in names]
    end = time.monotonic() + wait_s
    if admin is not None:
        asyncio.run(_await_server("DATABASE_URL", admin, end))
        _provision(admin, databases, urls)
    for name in names:
        owner = urls[BY_SERVICE[name].owner]
        asyncio.run(_await_server(f"{prefix_of(name)}OWNER_DATABASE_URL", owner, end))
        before = asyncio.run(revision_of(owner))
        upgrade(DatabaseUrls(admin=admin or "", by_role=urls), (name,))
        after = asyncio.run(revision_of(owner))
        news = "up to date" if before == after else f"brought from {before or 'nothing'}"
        say(f"{BY_SERVICE[name].name}: {news}, at revision {after}.")


def _read(names: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return the administrator's URL, and those of all roles that have one."""
    wrong: list[str] = []
    urls: dict[str, str] = {}
    admin = MigrationSettings().database_url
    for name in names:
        prefix = prefix_of(name)
        settings_class = VaultUrls if name == VAULT else ServiceUrls
        try:
            settings = settings_class(_env_prefix=prefix)
        except ValidationError as error:
            wrong.append(misfits(error, prefix))
            continue
        given: dict[str, SecretStr | None] = dict(settings)
        for role in BY_SERVICE[name].roles:
            field = f"{role.removeprefix(f'{name}_')}_database_url"
            url = given[field]
            if url is not None:
                urls[role] = url.get_secret_value()
                wrong += _misnamed(f"{prefix}{field.upper()}", urls[role], name, role)
            elif admin is not None:
                wrong.append(f"  {prefix}{field.upper()}: is not set")
    if wrong:
        raise Refused("The settings of the migration do not fit:\n" + "\n".join(wrong))
    return admin.get_secret_value() if admin else None, urls


def _misnamed(variable: str, url: str, name: str, role: str) -> Iterator[str]:
    # Migrations grant rights to roles by name, so that the names are not to be chosen.
    parts = urlsplit(url)
    found = unquote(parts.username or ""), parts.path.removeprefix("/")
    if found != (role, BY_SERVICE[name].name):
        yield f"  {variable}: must be of role {role} in database {BY_SERVICE[name].name}"
    elif not parts.password:
        yield f"  {variable}: has no password"


def _provision(admin: str, databases: Sequence[Database], urls: Mapping[str, str]) -> None:
    passwords = {role: unquote(urlsplit(url).password or "") for role, url in urls.items()}
    try:
        asyncio.run(provision(admin, databases, passwords, is_ours=False))
    except ServerTooOld as error:
        raise Refused(str(error)) from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise Refused(
            "DATABASE_URL: its role must be a superuser, or have CREATEROLE and CREATEDB"
            f" ({error})."
        ) from None
    say(f"Prepared {', '.join(each.name for each in databases)} and their roles.")


async def _await_server(variable: str, url: str, end: float) -> None:
    """Return when the server lets us in.

    Raises:
        Refused: it does not answer in time, or does not let us in.
    """
    place = urlsplit(url).netloc.rpartition("@")[2]
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
        except _STARTING as error:
            if time.monotonic() > end:
                raise Refused(
                    f"{variable}: no server answered at {place} in time ({error})."
                ) from None
            await asyncio.sleep(PAUSE_S)
        except _REFUSED as error:
            raise Refused(f"{variable}: {place} does not let us in: {error}.") from None
        else:
            await connection.close(timeout=CONNECT_TIMEOUT_S)
            return
