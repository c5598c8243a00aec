"""A backup's folder, as it is or in one .tar file; readable by its owner only."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FILE = ".tar"


@contextmanager
def packed(target: Path) -> Iterator[Path]:
    """Yield a folder to fill; it becomes the target when the block succeeds, or nothing does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))  # mode 0700
    try:
        yield folder
        for file in folder.iterdir():
            file.chmod(0o600)
        if target.suffix == _FILE:
            _pack(folder, target)
        else:
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """Yield the folder of a backup.

    Raises:
        OSError: there is no such backup, or it is no tar file.
    """
    if source.suffix != _FILE:
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        except tarfile.TarError as error:
            raise OSError(f"{source} cannot be read: {error}") from error
        yield Path(folder)


def _pack(folder: Path, target: Path) -> None:
    unfinished = folder / target.name
    files = sorted(folder.iterdir())
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as out,
        tarfile.open(fileobj=out, mode="w") as archive,  # the dumps are compressed already
    ):
        for file in files:
            archive.add(file, arcname=file.name)
    unfinished.rename(target)
