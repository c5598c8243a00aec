"""The embedded server: it starts from nothing, survives being killed, and does not outlive us."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from shared.postgres.embedded import EmbeddedPostgres, ServerFailed, free_port
from tests.integration.conftest import PASSWORD, PROJECT, is_alive, wait_until

pytestmark = pytest.mark.integration


async def _run(url: str, *statements: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        answer: int = await connection.fetchval(statements[-1])
        return answer
    finally:
        await connection.close()


class TestEmbeddedPostgres:
    async def test_asks_for_the_password(self, server: EmbeddedPostgres) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.admin_url.replace(PASSWORD, "wrong"))
        assert await _run(server.admin_url, "SELECT 7") == 7

    def test_keeps_what_was_committed_when_it_is_killed(self, tmp_path: Path) -> None:
        server = EmbeddedPostgres(tmp_path, port=free_port(), password=PASSWORD)
        server.start()
        asyncio.run(
            _run(
                server.admin_url,
                "CREATE TABLE kept AS SELECT generate_series(1, 10000) AS n",
                "SELECT count(*) FROM kept",
            )
        )
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running())
        server.start()
        assert asyncio.run(_run(server.admin_url, "SELECT count(*) FROM kept")) == 10000
        server.stop()
        assert not server.is_running()

    def test_starts_although_its_lock_file_names_a_living_stranger(self, tmp_path: Path) -> None:
        server = EmbeddedPostgres(tmp_path, port=free_port(), password=PASSWORD, durable=False)
        server.start()
        assert server.pid is not None
        lock = (server.data / "postmaster.pid").read_text().splitlines()
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not server.is_running())
        # As after a reboot, when the old process id belongs to something else.
        (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lock[1:], ""]))
        server.start()
        server.stop()

    def test_makes_a_whole_cluster_after_initdb_was_killed(self, tmp_path: Path) -> None:
        half = tmp_path / "data.unfinished"
        half.mkdir()
        (half / "PG_VERSION").write_text("17\n")
        server = EmbeddedPostgres(tmp_path, port=free_port(), password=PASSWORD, durable=False)
        server.start()
        assert asyncio.run(_run(server.admin_url, "SELECT 7")) == 7
        assert not half.exists()
        server.stop()

    def test_says_why_it_did_not_start(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        twin = EmbeddedPostgres(
            tmp_path / "twin", port=server.port, password=PASSWORD, durable=False
        )
        with pytest.raises(ServerFailed, match="Address already in use"):
            twin.start()

    def test_ends_with_the_process_that_started_it(self, tmp_path: Path) -> None:
        program = (
            "import sys, time, pathlib; from shared.postgres.embedded import EmbeddedPostgres;"
            f"s = EmbeddedPostgres(pathlib.Path(sys.argv[1]), port={free_port()},"
            f" password={PASSWORD!r}, durable=False);"
            "s.start(); print(s.pid, flush=True); time.sleep(600)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
        )
        with parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert is_alive(pid)
            parent.kill()
            parent.wait()
        wait_until(lambda: not is_alive(pid))

    def test_leaves_no_password_behind(self, server: EmbeddedPostgres) -> None:
        files = [file for file in server.folder.iterdir() if file.is_file()]
        assert [file.name for file in files] == ["postgres.log"]
        assert PASSWORD not in server.log.read_text()

    async def test_logs_no_value_of_a_failed_statement(self, server: EmbeddedPostgres) -> None:
        connection = await asyncpg.connect(server.admin_url)
        await connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                await connection.execute("INSERT INTO people VALUES ('Canary Person')")
            except asyncpg.UniqueViolationError:
                break
        with pytest.raises(asyncpg.DataError):
            await connection.fetchval("SELECT $1::text::integer", "Canary Number")
        await connection.close()
        assert "Canary Person" not in server.log.read_text()
