"""Database URLs: one server, several databases, several roles."""

from urllib.parse import quote, unquote, urlsplit, urlunsplit


def url_for(admin_url: str, *, database: str, role: str, password: str) -> str:
    """Return the URL of a role in a database of the administrator's server."""
    parts = urlsplit(admin_url)
    place = parts.netloc.rpartition("@")[2]
    credentials = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{credentials}@{place}", path=f"/{database}"))


def in_database(admin_url: str, database: str) -> str:
    """Return the administrator's URL in another database."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


def without_password(url: str) -> tuple[str, str]:
    """Split a URL into one that may appear in a process list, and the password."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}@{place}")), unquote(password)
