"""As whom the embedded server runs: PostgreSQL refuses to run as root.

Root gets a user namespace where the kernel allows one (no account, no change of ownership), and
else drops to an unprivileged uid. A data folder belongs to the way that made it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.kernel.records import record
from shared.postgres.programs import ServerUnavailable

NOBODY = 65534
_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@record
class Identity:
    """How to start the server's programs: words before the command and options of `Popen`."""

    prefix: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}

    def own(self, path: Path) -> None:
        """Give the file or folder to the server, where it runs under another uid."""
        if self.options:
            os.chown(path, NOBODY, NOBODY)


def choose_identity(data: Path) -> Identity:
    """Choose how to run the server whose data folder this is, or will be.

    Raises:
        ServerUnavailable: the folder was made in a way that this machine no longer allows.
    """
    if os.geteuid() != 0:
        return Identity()
    dropped = Identity(options={"user": NOBODY, "group": NOBODY, "extra_groups": []})
    if data.exists() and data.stat().st_uid == NOBODY:
        return dropped
    if namespaces_allowed():
        return Identity(prefix=_NAMESPACE)
    if data.exists():
        raise ServerUnavailable(
            f"{data} was made in a user namespace, which this machine does not allow: "
            "run as a user other than root, or restore a backup into a new folder."
        )
    return dropped


def namespaces_allowed() -> bool:
    """Tell whether a user namespace can be made here."""
    if shutil.which(_NAMESPACE[0]) is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
