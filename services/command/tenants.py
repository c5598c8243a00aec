"""`forbear tenants create|list`: the agencies that this installation serves.

A tenant is the same row in all four databases. Creating one again under its name completes what a
crash left half done and changes nothing else.
"""

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from services.command.administration import Stores, administer, aligned, instant, written
from services.command.options import AsJson, DataDir
from services.command.terminal import Refused, console, say
from shared.kernel.clock import RandomIds
from shared.kernel.ids import Ids
from shared.kernel.records import record

NAME_CHARACTERS_MAX = 200
_LOCK = 0x54454E54  # two commands at once must not make one name twice
_READ = """
SELECT t.tenant_id, t.name, t.livemode, t.created_at, c.frozen_at
FROM tenants t LEFT JOIN clocks c ON c.tenant_id = t.tenant_id
"""
_ADD = """
INSERT INTO tenants (tenant_id, name, livemode) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_FREEZE = "INSERT INTO clocks (tenant_id, frozen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"

app = typer.Typer(help="Agencies: each one a tenant, apart from all others.", no_args_is_help=True)


@record
class Tenant:
    """One agency; `frozen_at` is the instant of its test clock, if it has one.

    `missing` names the services that do not know it, because creating it was interrupted.
    """

    tenant_id: str
    name: str
    livemode: bool
    created_at: datetime
    frozen_at: datetime | None = None
    missing: tuple[str, ...] = ()


class TenantDiffers(Exception):
    """A tenant of that name exists and is of another kind."""


async def create(
    stores: Stores,
    name: str,
    *,
    livemode: bool,
    frozen_at: datetime | None = None,
    ids: Ids | None = None,
) -> Tenant:
    """Create a tenant in all four databases, or return the one that has the name.

    Raises:
        TenantDiffers: it is live and not a sandbox, or has no test clock, or the other way round.
        ValueError: the name cannot be printed, or a live tenant was to have a test clock.
    """
    if not name.isprintable() or not 0 < len(name.strip()) <= NAME_CHARACTERS_MAX:
        raise ValueError(f"A name has 1 to {NAME_CHARACTERS_MAX} printable characters.")
    if livemode and frozen_at is not None:
        raise ValueError("Only a sandbox tenant can have a test clock.")
    async with stores.together():
        await next(iter(stores.connections.values())).execute(
            "SELECT pg_advisory_xact_lock($1)", _LOCK
        )
        existing = next((each for each in await listed(stores) if each.name == name), None)
        if existing is not None:
            _require_same(existing, livemode, frozen_at)
            tenant_id, frozen_at = existing.tenant_id, existing.frozen_at
        else:
            tenant_id = (ids or RandomIds()).new("agy")
        await stores.execute(_ADD, tenant_id, name, livemode)
        if frozen_at is not None:
            await stores.execute(_FREEZE, tenant_id, frozen_at)
    return await find(stores, tenant_id)


async def listed(stores: Stores) -> list[Tenant]:
    """Return every tenant that any database knows, the oldest first."""
    return _merged(await stores.fetch(_READ))


async def find(stores: Stores, tenant_id: str) -> Tenant:
    """Return a tenant by its id.

    Raises:
        Refused: no database knows it.
    """
    found = _merged(await stores.fetch(f"{_READ} WHERE t.tenant_id = $1", tenant_id))
    if not found:
        raise Refused(f"There is no tenant {tenant_id}: `forbear tenants list` shows them all.")
    return found[0]


@app.command("create")
def create_command(
    name: Annotated[str, typer.Option(help="What the agency is called; names it once.")],
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="For trying things out; its keys begin with sk_test.")
    ] = False,
    test_clock: Annotated[
        str | None,
        typer.Option(help="Make it a sandbox whose time stands still at this instant."),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Create a tenant, or complete and show the one that has the name."""
    frozen_at = instant(test_clock) if test_clock is not None else None
    livemode = not sandbox and frozen_at is None

    async def work(stores: Stores) -> Tenant:
        return await create(stores, name, livemode=livemode, frozen_at=frozen_at)

    try:
        tenant = administer(data_dir, work)
    except (TenantDiffers, ValueError) as error:
        raise Refused(str(error)) from None
    if as_json:
        console.print_json(json.dumps(_shown(tenant)))
    else:
        say(tenant.tenant_id)


@app.command("list")
def list_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show all tenants."""
    tenants = administer(data_dir, listed)
    if as_json:
        console.print_json(json.dumps([_shown(each) for each in tenants]))
        return
    rows = [("tenant", "mode", "test clock", "name", "")]
    for each in tenants:
        note = f"missing in {', '.join(each.missing)}: create it again" if each.missing else ""
        mode = "live" if each.livemode else "sandbox"
        rows.append((each.tenant_id, mode, written(each.frozen_at), each.name, note))
    for line in aligned(rows):
        say(line)


def _require_same(existing: Tenant, livemode: bool, frozen_at: datetime | None) -> None:
    if existing.livemode != livemode:
        kind = "live" if existing.livemode else "a sandbox"
        raise TenantDiffers(f"{existing.name!r} exists and is {kind}: {existing.tenant_id}.")
    # That the clock has moved on since is no difference.
    if (existing.frozen_at is None) != (frozen_at is None):
        has = "no" if existing.frozen_at is None else "a"
        raise TenantDiffers(f"{existing.name!r} exists and has {has} test clock.")


def _merged(rows: dict[str, list[Any]]) -> list[Tenant]:
    by_id: dict[str, dict[str, Any]] = {}
    for service, those in rows.items():
        for row in those:
            by_id.setdefault(row["tenant_id"], {})[service] = row
    tenants = [_tenant(tuple(rows), known) for known in by_id.values()]
    return sorted(tenants, key=lambda each: (each.created_at, each.tenant_id))


def _tenant(services: tuple[str, ...], known: dict[str, Any]) -> Tenant:
    any_row = next(iter(known.values()))
    clocks = {service: row["frozen_at"] for service, row in known.items() if row["frozen_at"]}
    whole = clocks.keys() if clocks else known.keys()
    return Tenant(
        tenant_id=any_row["tenant_id"],
        name=any_row["name"],
        livemode=any_row["livemode"],
        created_at=min(row["created_at"] for row in known.values()),
        frozen_at=max(clocks.values(), default=None),
        missing=tuple(service for service in services if service not in whole),
    )


def _shown(tenant: Tenant) -> dict[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "livemode": tenant.livemode,
        "created_at": written(tenant.created_at),
        "test_clock": written(tenant.frozen_at) or None,
        "missing": list(tenant.missing),
    }
