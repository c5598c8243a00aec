"""AsyncAPI's own JSON Schema, brought from npm once and kept under `.cache`."""

import json
import shutil
import subprocess
import tarfile
from typing import Any

from tests.schemas import files

PACKAGE = "@asyncapi/specs@6.11.1"
MEMBER = "package/schemas/3.1.0-without-$id.json"
KEPT = files.ROOT / ".cache" / "asyncapi"
TIMEOUT_S = 300


class SpecificationUnavailable(Exception):
    """There is no npm, or no way to the package."""


def asyncapi() -> dict[str, Any]:
    """Return the schema that an AsyncAPI 3.1.0 document has to fit.

    Raises:
        SpecificationUnavailable: it cannot be had here.
    """
    file = KEPT / "3.1.0.json"
    if not file.exists():
        _bring()
        with tarfile.open(next(KEPT.glob("*.tgz"))) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            file.write_bytes(member.read())
    schema: dict[str, Any] = json.loads(file.read_text())
    return schema


def _bring() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SpecificationUnavailable("npm is needed to bring AsyncAPI's schema.")
    KEPT.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [npm, "pack", PACKAGE, "--silent"],
        cwd=KEPT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise SpecificationUnavailable(done.stderr[-2000:])
