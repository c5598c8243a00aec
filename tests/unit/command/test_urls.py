"""Database URLs survive awkward passwords and keep what the administrator's URL says."""

import base64
from urllib.parse import unquote, urlsplit

from shared.postgres.scram import verifier
from shared.postgres.urls import in_database, url_for, without_password

ADMIN = "postgresql://admin:p%40ss@db.example:5433/postgres?sslmode=require"


class TestUrlFor:
    def test_escapes_the_password_and_keeps_the_rest(self) -> None:
        url = url_for(ADMIN, database="forbear_ledger", role="ledger_app", password="a:/?#@ b")
        parts = urlsplit(url)
        assert unquote(parts.password or "") == "a:/?#@ b"
        assert (parts.username, parts.hostname, parts.port) == ("ledger_app", "db.example", 5433)
        assert (parts.path, parts.query) == ("/forbear_ledger", "sslmode=require")


class TestInDatabase:
    def test_changes_the_database_only(self) -> None:
        assert in_database(ADMIN, "other") == ADMIN.replace("/postgres?", "/other?")


class TestWithoutPassword:
    def test_takes_the_password_out(self) -> None:
        address, password = without_password(ADMIN)
        assert address == "postgresql://admin@db.example:5433/postgres?sslmode=require"
        assert password == "p@ss"


class TestVerifier:
    def test_agrees_with_what_postgresql_computes(self) -> None:
        """RFC 7677, section 3: user `user`, password `pencil`, this salt, 4096 iterations."""
        salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
        assert verifier("pencil", salt) == (
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
            "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
            ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        )
