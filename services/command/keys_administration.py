"""`forbear keys create|list|revoke`: API keys, stored as digests in all four databases.

A key is shown once, when it is made. Nobody can show it again.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from services.command import tenants
from services.command.administration import Stores, administer, aligned, written
from services.command.options import AsJson, DataDir
from services.command.scopes import SCOPES
from services.command.terminal import Refused, console, say
from shared.http.api_key import ApiKey, mint
from shared.kernel.clock import RandomIds
from shared.kernel.ids import Ids
from shared.kernel.records import record

_READ = "SELECT key_id, tenant_id, actor, scopes, livemode, created_at, revoked_at FROM api_keys"
_ADD = """
INSERT INTO api_keys (digest, tenant_id, key_id, actor, scopes, livemode)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_REVOKE = """
UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE key_id = $1
"""

app = typer.Typer(help="API keys of tenants.", no_args_is_help=True)


@record
class KeyEntry:
    """What is known of a key once it was shown.

    `missing` names the services that do not take it, because something was interrupted.
    """

    key_id: str
    tenant_id: str
    name: str
    scopes: tuple[str, ...]
    livemode: bool
    created_at: datetime
    revoked_at: datetime | None
    missing: tuple[str, ...]


@record
class MadeKey:
    """A key that was just made; `key.text` is the secret."""

    key_id: str
    key: ApiKey
    scopes: tuple[str, ...]


class NameTaken(Exception):
    """The tenant has a valid key of that name."""


async def create(
    stores: Stores,
    tenant_id: str,
    name: str,
    scopes: Sequence[str],
    *,
    ids: Ids | None = None,
) -> MadeKey:
    """Make a key of a tenant and store its digest in all four databases.

    Raises:
        NameTaken: a valid key of the tenant has that name.
        Refused: there is no such tenant, or not in every database.
        ValueError: a scope that no route asks for, none at all, or a name that cannot be printed.
    """
    if not name.isprintable() or not name.strip():
        raise ValueError("A name has at least one printable character.")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise ValueError(f"Unknown scopes: {', '.join(unknown) or 'none given'}.")
    tenant = await tenants.find(stores, tenant_id)
    if tenant.missing:
        raise Refused(f"{tenant_id} is unknown to {', '.join(tenant.missing)}: create it again.")
    key = mint("live" if tenant.livemode else "test")
    made = MadeKey(
        key_id=(ids or RandomIds()).new("key"), key=key, scopes=tuple(sorted(set(scopes)))
    )
    async with stores.together():
        for each in await listed(stores, tenant_id):
            if each.name == name and each.revoked_at is None:
                raise NameTaken(f"{tenant_id} has a key named {name!r}: {each.key_id}.")
        row = (key.digest, tenant_id, made.key_id, name, list(made.scopes), tenant.livemode)
        await stores.execute(_ADD, *row)
    return made


async def listed(stores: Stores, tenant_id: str | None = None) -> list[KeyEntry]:
    """Return the keys of a tenant, or of all, the oldest first."""
    rows = await stores.fetch(f"{_READ} WHERE tenant_id = $1 OR $1::text IS NULL", tenant_id)
    by_id: dict[str, dict[str, Any]] = {}
    for service, those in rows.items():
        for row in those:
            by_id.setdefault(row["key_id"], {})[service] = row
    entries = [_entry(tuple(rows), known) for known in by_id.values()]
    return sorted(entries, key=lambda each: (each.created_at, each.key_id))


async def revoke(stores: Stores, key_id: str) -> None:
    """Make a key invalid everywhere; services notice within five seconds.

    Raises:
        Refused: there is no such key.
    """
    known = await stores.fetch("SELECT 1 FROM api_keys WHERE key_id = $1", key_id)
    if not any(known.values()):
        raise Refused(f"There is no key {key_id}: `forbear keys list` shows them all.")
    async with stores.together():
        await stores.execute(_REVOKE, key_id)


@app.command("create")
def create_command(
    tenant: Annotated[str, typer.Option(help="Whose key, such as agy_01h455vb4pex5vsknk084sn02q.")],
    name: Annotated[str, typer.Option(help="Who or what will hold it.")],
    scopes: Annotated[
        str | None, typer.Option(help="What it may do, such as accounts:read,payments:write.")
    ] = None,
    all_scopes: Annotated[bool, typer.Option("--all-scopes", help="It may do everything.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once."""
    if all_scopes == (scopes is not None):
        raise Refused(f"Say --all-scopes, or --scopes with some of: {', '.join(SCOPES)}.")
    asked = SCOPES if scopes is None else tuple(each.strip() for each in scopes.split(","))

    async def work(stores: Stores) -> MadeKey:
        return await create(stores, tenant, name, asked)

    try:
        made = administer(data_dir, work)
    except (NameTaken, ValueError) as error:
        raise Refused(str(error)) from None
    if as_json:
        shown = {"key_id": made.key_id, "api_key": made.key.text, "scopes": made.scopes}
        console.print_json(json.dumps(shown))
        return
    say(made.key.text)
    say(f"This is {made.key_id}. Keep it now: it is not shown again.")


@app.command("list")
def list_command(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's keys.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what keys there are, without the keys themselves."""

    async def work(stores: Stores) -> list[KeyEntry]:
        return await listed(stores, tenant)

    entries = administer(data_dir, work)
    if as_json:
        console.print_json(json.dumps([_shown(each) for each in entries]))
        return
    rows = [("key", "tenant", "mode", "state", "name", "scopes")]
    for each in entries:
        mode = "live" if each.livemode else "sandbox"
        scopes = "all" if set(each.scopes) == set(SCOPES) else ", ".join(each.scopes)
        rows.append((each.key_id, each.tenant_id, mode, _state(each), each.name, scopes))
    for line in aligned(rows):
        say(line)


@app.command("revoke")
def revoke_command(
    key: Annotated[str, typer.Argument(help="Its id, such as key_01h455vb4pex5vsknk084sn02q.")],
    data_dir: DataDir = None,
) -> None:
    """Make a key invalid; revoking it again changes nothing."""

    async def work(stores: Stores) -> None:
        await revoke(stores, key)

    administer(data_dir, work)
    say(f"{key} is revoked.")


def _entry(services: tuple[str, ...], known: dict[str, Any]) -> KeyEntry:
    any_row = next(iter(known.values()))
    revoked = {service: row["revoked_at"] for service, row in known.items() if row["revoked_at"]}
    is_revoked = len(revoked) == len(known)
    return KeyEntry(
        key_id=any_row["key_id"],
        tenant_id=any_row["tenant_id"],
        name=any_row["actor"],
        scopes=tuple(any_row["scopes"]),
        livemode=any_row["livemode"],
        created_at=min(row["created_at"] for row in known.values()),
        revoked_at=min(revoked.values()) if is_revoked else None,
        missing=tuple(
            service
            for service in services
            if service not in known or (service in revoked and not is_revoked)
        ),
    )


def _state(entry: KeyEntry) -> str:
    if entry.revoked_at is not None:
        return f"revoked {written(entry.revoked_at)}"
    return f"missing in {', '.join(entry.missing)}: revoke it" if entry.missing else "valid"


def _shown(entry: KeyEntry) -> dict[str, Any]:
    return {
        "key_id": entry.key_id,
        "name": entry.name,
        "tenant_id": entry.tenant_id,
        "livemode": entry.livemode,
        "state": _state(entry),
        "scopes": list(entry.scopes),
        "created_at": written(entry.created_at),
    }
