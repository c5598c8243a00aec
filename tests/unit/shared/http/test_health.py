"""Alive, started, ready: three questions with three answers."""

import asyncio

from shared.http import health
from tests.unit.shared.http import sample


async def well() -> str | None:
    return None


async def behind() -> str | None:
    return "behind"


async def broken() -> str | None:
    raise RuntimeError(sample.CANARY)


async def stuck() -> str | None:
    await asyncio.sleep(60)
    return None


class TestHealth:
    async def test_is_alive_before_it_is_started(self) -> None:
        async with sample.client(sample.build()) as client:
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/startupz")).status_code == 503
            assert (await client.get("/readyz")).status_code == 503

    async def test_is_ready_when_all_checks_are_well(self) -> None:
        app = sample.build(health_checks={"database": well})
        app.health.is_started = True
        async with sample.client(app) as client:
            response = await client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {"status": "ready", "checks": {"database": "ok"}}

    async def test_names_what_is_not_well_without_a_word_of_the_failure(self) -> None:
        app = sample.build(health_checks={"a": well, "b": behind, "c": broken})
        app.health.is_started = True
        async with sample.client(app) as client:
            response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"a": "ok", "b": "behind", "c": "error"}
        assert sample.CANARY not in response.text

    async def test_does_not_wait_for_a_check_that_is_stuck(self) -> None:
        checks = health.Health("orders", {"x": stuck}, timeout_s=0.02)
        checks.is_started = True
        assert await checks.reasons() == {"x": "timeout"}

    async def test_is_not_ready_while_it_drains(self) -> None:
        app = sample.build()
        app.health.is_started = app.health.is_draining = True
        async with sample.client(app) as client:
            response = await client.get("/readyz")
            assert (await client.get("/livez")).status_code == 200
        assert (response.status_code, response.json()["status"]) == (503, "draining")
