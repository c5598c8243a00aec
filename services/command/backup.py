"""`forbear backup` and `forbear restore`: everything an installation must not lose, in a folder.

A backup holds one dump per database, all as of one instant, and the keys without which the dumps
cannot be read. It may be taken while Forbear runs.
"""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import msgspec
import typer

from services.command import instance, keys, wiring
from services.command.archive import packed, unpacked
from services.command.databases import DATABASES, NAMES, database_urls
from services.command.installation import Installation, locate
from services.command.options import DataDir
from services.command.servers import ServerUnreachable, database_server
from services.command.status import admin_url
from services.command.terminal import Refused, say
from shared.kernel.clock import SystemClock
from shared.kernel.records import record, replace
from shared.postgres.dump import DumpFailed, dump
from shared.postgres.dump import restore as load_dumps
from shared.postgres.embedded import ServerFailed
from shared.postgres.programs import ServerUnavailable
from shared.postgres.provision import provision

FORMAT = 1
_MANIFEST = "manifest.json"
_REASONS = (
    DumpFailed,
    OSError,
    ServerFailed,
    ServerUnavailable,
    ServerUnreachable,
    asyncpg.PostgresError,
)

Target = Annotated[Path, typer.Argument(help="A folder to make, or a file ending in .tar")]
Source = Annotated[Path, typer.Argument(help="A folder or .tar file that `forbear backup` made")]


@record
class Manifest:
    """What a backup holds, so that a damaged one is noticed before it is used."""

    format: int
    taken_at: str
    sha256: dict[str, str]


def backup(target: Target, data_dir: DataDir = None) -> None:
    """Back up all databases and keys, running or not, without stopping anything."""
    installation = locate(data_dir)
    if not installation.secrets_file.exists():
        raise Refused(f"There is no installation in {installation.folder}.")
    if target.exists():
        raise Refused(f"{target} exists already.")
    try:
        with packed(target) as folder, _reachable(installation) as url:
            for file in (installation.secrets_file, installation.sandbox_file):
                if file.exists():
                    keys.write_private(folder / file.name, file.read_text())
            asyncio.run(dump(url, NAMES, folder))
            _write_manifest(folder)
    except _REASONS as error:
        raise Refused(f"The backup failed: {error}") from error
    say(f"Backed up to {target}. It holds keys: keep it as safe as the data folder.")


def restore(source: Source, data_dir: DataDir = None) -> None:
    """Restore a backup into an empty data folder (and, with DATABASE_URL, an empty server)."""
    installation = locate(data_dir)
    if installation.folder.exists() and any(installation.folder.iterdir()):
        raise Refused(f"{installation.folder} is not empty.")
    try:
        with unpacked(source) as folder:
            _check(folder)
            _restore(folder, installation)
    except _REASONS as error:
        raise Refused(f"The restore failed: {error}") from error
    say(f"Restored to {installation.folder}. `forbear run` serves it.")


def _restore(folder: Path, installation: Installation) -> None:
    # Half an installation must not be mistaken for one: it is made beside its place and renamed.
    beside = installation.folder.with_name(f"{installation.folder.name}.unfinished")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    try:
        for file in (installation.sandbox_file, installation.secrets_file):
            if (folder / file.name).exists():
                keys.write_private(beside / file.name, (folder / file.name).read_text())
        _load(folder, replace(installation, folder=beside))
        if installation.folder.exists():
            installation.folder.rmdir()
        beside.rename(installation.folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _load(folder: Path, installation: Installation) -> None:
    own_keys = keys.load(installation.secrets_file)
    with database_server(installation, own_keys, say) as server:
        passwords = own_keys.role_passwords
        asyncio.run(provision(server.admin_url, DATABASES, passwords, is_ours=server.is_ours))
        say("Loading the databases.")
        asyncio.run(load_dumps(server.admin_url, NAMES, folder))
        asyncio.run(wiring.after_restore(database_urls(server.admin_url, passwords)))


@contextmanager
def _reachable(installation: Installation) -> Iterator[str]:
    """Yield the administrator's URL of a server that runs, starting it if it does not."""
    url = admin_url(installation)
    if url is not None and instance.current_holder(installation.lock_file) is not None:
        yield url
        return
    holder = instance.Holder(pid=os.getpid(), urls={})
    own_keys = keys.load(installation.secrets_file)
    with (
        instance.held(installation.lock_file, holder),
        database_server(installation, own_keys, say) as server,
    ):
        yield server.admin_url


def _write_manifest(folder: Path) -> None:
    manifest = Manifest(
        format=FORMAT,
        taken_at=SystemClock().now().isoformat(),
        sha256={file.name: _digest(file) for file in sorted(folder.iterdir())},
    )
    keys.write_private(folder / _MANIFEST, json.dumps(msgspec.to_builtins(manifest), indent=2))


def _check(folder: Path) -> None:
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Refused("This is not a backup: its manifest is missing or damaged.") from error
    if manifest.format != FORMAT:
        raise Refused(f"The backup's format is {manifest.format}; this version reads {FORMAT}.")
    needed = {f"{name}.dump" for name in NAMES}
    damaged = [
        name
        for name, digest in manifest.sha256.items()
        if not (folder / name).exists() or _digest(folder / name) != digest
    ]
    if damaged or not needed <= manifest.sha256.keys():
        raise Refused(f"The backup is damaged or incomplete: {', '.join(damaged) or 'no dumps'}.")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
