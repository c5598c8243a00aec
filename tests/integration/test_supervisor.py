"""`forbear run`, `stop`, `status`, `backup`, `restore`, with stand-ins for the services."""

import asyncio
import json
import os
import random
import signal
import socket
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from services.command import instance
from services.command.databases import database_urls
from services.command.installation import SERVICES, Ports
from services.command.keys import load
from services.command.ports import taken_ports
from tests.integration.conftest import (
    Running,
    await_end,
    is_alive,
    is_another,
    unused_ports,
    wait_until,
)
from tests.integration.standin import SANDBOX_KEY

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return a running installation for tests that leave it running."""
    made = Running(tmp_path_factory.mktemp("steady") / "installation", unused_ports())
    made.start()
    yield made
    made.stop()


class TestRun:
    def test_says_where_everything_is(self, steady: Running) -> None:
        output = steady.output.read_text()
        for service in SERVICES:
            assert f"{steady.installation.url_of(service)}/docs" in output
        assert SANDBOX_KEY in output
        assert f"curl -sS {steady.installation.url_of('ledger')}" in output
        assert steady.installation.addresses["mailbox"] in output

    def test_keeps_secrets_to_its_owner(self, steady: Running) -> None:
        folder = steady.installation.folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in (steady.installation.secrets_file, steady.installation.sandbox_file):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_tells_the_services_no_owner_and_no_administrator(self, steady: Running) -> None:
        environment = Path(f"/proc/{steady.serving()}/environ").read_bytes()
        assert b"FORBEAR_LEDGER_APP_DATABASE_URL" in environment
        assert b"ledger_owner" not in environment
        assert b"OWNER_DATABASE_URL" not in environment
        assert b"forbear_admin" not in environment

    def test_refuses_a_second_run(self, steady: Running) -> None:
        again = steady.again()
        assert again.returncode == 2
        assert steady.process is not None
        assert f"already running in {steady.installation.folder}" in again.stderr
        assert str(steady.process.pid) in again.stderr
        assert steady.installation.url_of("ledger") in again.stderr
        assert steady.is_ready()

    def test_names_a_port_that_is_taken(self, tmp_path: Path, free_ports: Ports) -> None:
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.1", free_ports.of("contact")))
            stranger.listen()
            refused = Running(tmp_path / "installation", free_ports).again()
        assert refused.returncode == 2
        assert f"{free_ports.of('contact')} (contact)" in refused.stderr
        assert "FORBEAR_PORT_BASE" in refused.stderr

    def test_says_why_the_services_do_not_start(self, tmp_path: Path, free_ports: Ports) -> None:
        real = Running(tmp_path / "installation", free_ports)
        (tmp_path / "sitecustomize.py").write_text(
            "import sys\nif sys.argv[-1] == 'serve': sys.exit('broken on purpose')\n"
        )
        real.environment["PYTHONPATH"] = str(tmp_path)
        refused = real.again()
        assert refused.returncode == 2
        assert "The services did not start" in refused.stderr
        assert not taken_ports(real.installation)

    def test_stops_cleanly_and_leaves_nothing(self, running: Running) -> None:
        pids = [running.serving(), running.postmaster()]
        stopped = running.forbear("stop")
        assert stopped.returncode == 0
        assert running.process is not None
        assert running.process.wait(60) == 0
        assert not any(is_alive(pid) for pid in pids)
        assert not taken_ports(running.installation)
        assert instance.current_holder(running.installation.lock_file) is None
        assert "Nothing runs" in running.forbear("stop").stdout
        log = (running.installation.postgres_folder / "postgres.log").read_text()
        assert "database system is shut down" in log

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_stops_on_every_polite_signal(self, running: Running, number: signal.Signals) -> None:
        assert running.process is not None
        running.process.send_signal(number)
        assert running.process.wait(60) == 0

    def test_takes_its_children_down_when_killed_and_recovers(self, running: Running) -> None:
        assert running.note("ledger", "before")
        pids = [running.serving(), running.postmaster()]
        running.kill()
        running.start()  # at once: what is still ending must not be in the way
        assert not any(is_alive(pid) for pid in pids)
        assert "before" in running.notes("ledger")


class TestSupervisor:
    def test_starts_the_services_again_when_they_are_killed(self, steady: Running) -> None:
        for _ in range(3):
            before = steady.serving()
            os.kill(before, signal.SIGKILL)
            await_end(before)
            wait_until(steady.is_ready)
            assert steady.serving() != before

    def test_starts_postgres_again_when_it_is_killed(self, steady: Running) -> None:
        assert steady.note("ledger", "acknowledged")
        services = steady.serving()
        for _ in range(3):
            steady.kill_postgres()
            wait_until(steady.is_ready)
        assert "acknowledged" in steady.notes("ledger")
        assert steady.serving() == services  # their pools healed; they were not restarted

    @pytest.mark.slow
    def test_loses_nothing_it_acknowledged_however_often_it_is_killed(
        self, steady: Running
    ) -> None:
        chance = random.Random(7)
        acknowledged = []
        for nth in range(10):
            for each in range(20):
                note = f"{nth}-{each}"
                if steady.note("ledger", note):
                    acknowledged.append(note)
            victim = steady.serving if chance.random() < 0.5 else steady.postmaster
            killed = victim()
            os.kill(killed, signal.SIGKILL)
            for each in range(chance.randrange(5)):
                if steady.note("ledger", f"{nth}-during-{each}"):
                    acknowledged.append(f"{nth}-during-{each}")
            wait_until(partial(is_another, victim, killed))
            wait_until(steady.is_ready)
        kept = json.loads(steady.notes("ledger"))
        assert len(acknowledged) >= 200
        assert set(acknowledged) <= set(kept)
        assert len(kept) == len(set(kept))


async def _park(owner_url: str, *event_ids: str) -> None:
    connection = await asyncpg.connect(owner_url)
    await connection.execute(
        "CREATE TABLE parked_events (tenant_id text, subscription text, event_id text)"
    )
    rows = [("agy_1", "contact-views", each) for each in event_ids]
    await connection.executemany("INSERT INTO parked_events VALUES ($1, $2, $3)", rows)
    await connection.close()


class TestStatus:
    def test_shows_a_healthy_installation(self, steady: Running) -> None:
        shown = steady.forbear("status", "--json")
        assert shown.returncode == 0, shown.stderr
        report = json.loads(shown.stdout)
        assert report["is_healthy"]
        assert report["pid"] == steady.process.pid  # type: ignore[union-attr]
        assert report["postgres"]["version"].startswith("17")
        assert set(report["postgres"]["database_bytes"]) == {
            *(f"forbear_{service}" for service in SERVICES),
            "forbear_vault",
        }
        assert "ready" in steady.forbear("status").stdout

    def test_mentions_parked_events(self, steady: Running) -> None:
        assert json.loads(steady.forbear("status", "--json").stdout)["parked"] == {}
        passwords = load(steady.installation.secrets_file).role_passwords
        owner_url = database_urls(steady.admin_url, passwords).owner("contact")
        asyncio.run(_park(owner_url, "evt_1", "evt_1", "evt_2"))  # the first under two keys
        report = json.loads(steady.forbear("status", "--json").stdout)
        assert (report["parked"], report["is_healthy"]) == ({"contact": 2}, True)
        assert "contact has 2 parked events: `forbear dlq" in steady.forbear("status").stdout

    def test_says_when_nothing_runs(self, running: Running) -> None:
        running.stop()
        shown = running.forbear("status")
        assert shown.returncode == 3
        assert "Nothing runs" in shown.stdout


class TestDoctor:
    def test_finds_this_machine_fit(self, steady: Running) -> None:
        found = steady.forbear("doctor")
        assert found.returncode == 0, found.stdout


class TestBackup:
    @pytest.mark.parametrize("name", ["backup", "backup.tar"])
    def test_restores_into_an_empty_folder(
        self, running: Running, tmp_path: Path, name: str
    ) -> None:
        assert running.note("ledger", "kept")
        assert running.note("compliance", "kept too")
        target = tmp_path / name
        made = running.forbear("backup", str(target))
        assert made.returncode == 0, made.stderr
        assert stat.S_IMODE(target.stat().st_mode) == (0o600 if name.endswith(".tar") else 0o700)
        assert running.note("ledger", "after the backup")
        running.stop()

        restored = Running(tmp_path / "restored", running.installation.ports)
        done = restored.forbear("restore", str(target))
        assert done.returncode == 0, done.stderr
        restored.start()
        try:
            assert json.loads(restored.notes("ledger")) == ["kept"]
            assert json.loads(restored.notes("compliance")) == ["kept too"]
            assert SANDBOX_KEY in restored.output.read_text()
        finally:
            restored.stop()

    def test_works_while_stopped(self, running: Running, tmp_path: Path) -> None:
        assert running.note("ledger", "kept")
        running.stop()
        made = running.forbear("backup", str(tmp_path / "backup"))
        assert made.returncode == 0, made.stderr
        assert (tmp_path / "backup" / "forbear_ledger.dump").stat().st_size > 0
        again = running.forbear("backup", str(tmp_path / "backup"))
        assert again.returncode == 2
        assert "exists already" in again.stderr

    def test_refuses_a_damaged_backup_and_a_full_folder(
        self, steady: Running, tmp_path: Path
    ) -> None:
        target = tmp_path / "backup"
        assert steady.forbear("backup", str(target)).returncode == 0
        full = steady.forbear("restore", str(target))
        assert full.returncode == 2
        assert "is not empty" in full.stderr
        with (target / "forbear_vault.dump").open("r+b") as file:
            file.seek(100)
            file.write(b"damage")
        restored = Running(tmp_path / "restored", steady.installation.ports)
        refused = restored.forbear("restore", str(target))
        assert refused.returncode == 2
        assert "forbear_vault.dump" in refused.stderr
        assert not restored.installation.folder.exists()


class TestMailbox:
    def test_keeps_what_is_sent_and_shows_it_escaped(self, running: Running) -> None:
        import smtplib
        from email.message import EmailMessage

        message = EmailMessage()
        message["From"], message["To"] = "agency@example.com", "consumer@example.com"
        message["Subject"] = "A notice <script>alert(1)</script>"
        message.set_content("Please read <b>this</b>: https://tracker.example/pixel.png")
        message.add_alternative("<img src='https://tracker.example/p.png'>", subtype="html")
        with smtplib.SMTP("127.0.0.1", running.installation.ports.smtp, timeout=5) as smtp:
            smtp.send_message(message)

        port = running.installation.ports.mailbox
        listed = _get(port, "/v1/messages")
        (entry,) = json.loads(listed[1])["data"]
        assert entry["to"] == "consumer@example.com"
        page, whole = _get(port, f"/messages/{entry['id']}"), _get(port, "/")
        for status, body, headers in (page, whole):
            assert status == 200
            assert "<script" not in body
            assert "<img" not in body
            assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "Please read &lt;b&gt;this" in page[1]
        assert _get(port, "/messages/../secrets.json")[0] == 404
        assert _get(port, "/", host="evil.example")[0] == 400

        running.kill()
        running.start()
        assert json.loads(_get(port, "/v1/messages")[1])["data"] == [entry]


def _get(port: int, path: str, host: str = "localhost") -> tuple[int, str, dict[str, str]]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, answer.read().decode(), headers
    finally:
        connection.close()
