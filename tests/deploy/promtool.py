"""promtool, from whichever is there: named by FORBEAR_TEST_PROMTOOL, installed, or fetched once.

Where none is found it is taken out of Debian's package `prometheus`, without installing that.
"""

import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "prometheus"
PACKAGE = "prometheus"
FETCH_S = 300
APT = ("apt-get", "-o", "Acquire::Retries=3")


class PromtoolUnavailable(Exception):
    """There is none, and none can be fetched here; the text says why."""


def promtool() -> str:
    """Return the path of promtool.

    Raises:
        PromtoolUnavailable: see there.
    """
    named = os.environ.get("FORBEAR_TEST_PROMTOOL") or shutil.which("promtool")
    if named:
        return named
    fetched = CACHE / "usr" / "bin" / "promtool"
    if not fetched.exists():
        _fetch()
    return str(fetched)


def _fetch() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PromtoolUnavailable("Install promtool (it comes with Prometheus).")
    CACHE.mkdir(parents=True, exist_ok=True)
    if not _run(*APT, "download", PACKAGE):
        _run(*APT, "update")  # the list of packages may be missing or old
        if not _run(*APT, "download", PACKAGE):
            raise PromtoolUnavailable(f"Debian's package {PACKAGE} cannot be fetched here.")
    for archive in CACHE.glob("*.deb"):
        if not _run("dpkg-deb", "-x", str(archive), str(CACHE)):
            raise PromtoolUnavailable(f"{archive.name} cannot be unpacked.")
        archive.unlink()


def _run(*command: str) -> bool:
    done = subprocess.run(command, cwd=CACHE, capture_output=True, check=False, timeout=FETCH_S)
    return done.returncode == 0
