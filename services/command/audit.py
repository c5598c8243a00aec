"""`forbear audit verify`: holds the audit log against every service's events."""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.command import keys
from services.command.administration import Stores, opened, urls_of
from services.command.installation import Installation, locate
from services.command.options import AsJson, DataDir
from services.command.terminal import Refused, say
from services.compliance.audit.verification import Verification, Verifier

SIGNER = "audit"
EXIT_BAD = 1

app = typer.Typer(help="The audit log: one per tenant, of every event.", no_args_is_help=True)


@app.callback()
def about() -> None:
    """Keep `verify` a sub-command although it is the only one."""


@app.command("verify")
def verify_command(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's log.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check every log against the events and back. Exit code 1 names the first bad record."""
    installation = locate(data_dir)
    urls, key = urls_of("feed", installation), _public_key(installation)
    with _progress() as progress:
        found = asyncio.run(_verify(urls, key, tenant, progress))
    if as_json:
        typer.echo(json.dumps(_shown(found)))
    else:
        for each in found:
            say(_sentence(each))
        if not found:
            say("There is nothing to verify yet.")
    if not all(each.is_verified for each in found):
        raise typer.Exit(EXIT_BAD)


async def _verify(
    urls: Mapping[str, str], key: Ed25519PublicKey, tenant: str | None, progress: Progress
) -> list[Verification]:
    async with opened(urls) as stores:
        task = progress.add_task("verifying", total=await _leaves(stores, tenant))
        found: list[Verification] = []

        def checked(leaves: int) -> None:
            progress.update(task, completed=sum(each.leaves for each in found) + leaves)

        verifier = Verifier(stores.connections, [key], checked)
        for each in await verifier.tenants():
            if tenant in (None, each):
                progress.update(task, description=each)
                found.append(await verifier.verify(each))
    if tenant is not None and not found:
        raise Refused(f"There is neither a log nor an event of {tenant}.")
    return found


async def _leaves(stores: Stores, tenant: str | None) -> int:
    leaves: int = await stores.of("compliance").fetchval(
        "SELECT coalesce(sum(size), 0)::bigint FROM audit_logs"
        " WHERE tenant_id = $1 OR $1::text IS NULL",
        tenant,
    )
    return leaves


def _public_key(installation: Installation) -> Ed25519PublicKey:
    # Loaded only now: most sub-commands need none of it.
    from services.command.migration_settings import AdministrationSettings
    from services.command.process_settings import refusing_misfits

    with refusing_misfits("the administration"):
        known = AdministrationSettings().public_keys
    if known is None:
        if not installation.secrets_file.exists():
            raise Refused(
                f"There is no installation in {installation.folder}: set FORBEAR_PUBLIC_KEYS,"
                " as the services have it."
            )
        known = keys.load(installation.secrets_file).public_keys
    if SIGNER not in known:
        raise Refused(f"FORBEAR_PUBLIC_KEYS has no key of {SIGNER!r}, which signs the checkpoints.")
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(known[SIGNER]))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _sentence(found: Verification) -> str:
    if found.bad is not None:
        return f"{found.tenant}: BAD. {found.bad}"
    waiting = f", {found.unaudited:,} on their way" if found.unaudited else ""
    return (
        f"{found.tenant}: verified {found.leaves:,} records"
        f" and {found.checkpoints:,} signed checkpoints{waiting}"
    )


def _shown(found: list[Verification]) -> dict[str, Any]:
    return {
        "verified": all(each.is_verified for each in found),
        "logs": [
            {
                "tenant": each.tenant,
                "verified": each.is_verified,
                "leaves": each.leaves,
                "checkpoints": each.checkpoints,
                "unaudited": each.unaudited,
                "bad_record": None
                if each.bad is None
                else {
                    "problem": each.bad.problem,
                    "service": each.bad.service,
                    "stream": each.bad.stream,
                    "version": each.bad.version,
                    "leaf_index": each.bad.leaf_index,
                },
            }
            for each in found
        ],
    }
