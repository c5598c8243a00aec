"""The search for personal data finds it: in every form, in tables, logs, spans and metrics."""

import base64
import json
import random

import asyncpg
import pytest

from shared.telemetry import logging, metrics, tracing
from tests.databases import Server
from tests.hostile import personal
from tests.hostile.canaries import DIGITS_MIN, Search, forms
from tests.hostile.dump import everything_in
from tests.hostile.trail import SEARCH, found_in, listening


class TestSearch:
    @pytest.mark.parametrize("needle", personal.NEEDLES)
    def test_finds_every_form_of_everything(self, needle: str) -> None:
        chance = random.Random(needle)
        for around in range(6):
            before, after = chance.randbytes(around), chance.randbytes(9)
            content = before + needle.encode() + after
            for held in (
                content,
                content.upper(),
                content.hex().encode(),
                base64.b64encode(content),
                base64.urlsafe_b64encode(content),
                before * 2 + needle.encode("utf-16-le") + after,
                before * 2 + needle.encode("utf-16-be") + after,
            ):
                assert SEARCH.found_in(b"{" + held + b"}"), (needle, held)
        digits = "".join(each for each in needle if each.isdigit())
        if len(digits) >= DIGITS_MIN:
            assert SEARCH.found_in(" - ".join(digits).encode())

    def test_does_not_find_what_is_not_there(self) -> None:
        chance = random.Random(5)
        for _ in range(200):
            content = chance.randbytes(5000)
            assert SEARCH.found_in(base64.b64encode(content) + content.hex().encode()) == set()

    @pytest.mark.integration
    async def test_finds_what_is_planted_in_a_table(self, postgres_server: Server) -> None:
        database = await postgres_server.database("contact")
        admin = await asyncpg.connect(database.admin)
        needle = "Zugzwang?>~"  # its base64 is not the same in both alphabets
        await admin.execute("CREATE TABLE planted (a text, b bytea, c jsonb, d text[])")
        search, planted = Search([needle]), dict(forms(needle))
        for form in planted.values():
            await admin.execute("INSERT INTO planted (b) VALUES ($1)", form)
        nested = json.dumps({"deep": [{"name": f"Ms. {needle}"}]})
        await admin.execute("INSERT INTO planted (c, d) VALUES ($1, $2)", nested, ["x", needle])
        await admin.execute("INSERT INTO planted (a) VALUES ($1)", personal.SSN_LAST4)
        await admin.close()
        held = await everything_in(database.admin)
        await postgres_server.drop(database)
        assert set(found_in(held)) == {f"public.planted.{column}" for column in "abcd"}
        values = held["public.planted.b"]
        assert len(values) == len(planted)
        assert all(search.found_in(value) for value in values)

    def test_finds_what_is_said_to_logs_spans_and_metrics(self) -> None:
        with listening() as trail:
            logging.get_logger("test").info("planted", reason=personal.EMAIL)
            with tracing.span("planted", attributes={"forbear.actor": personal.PHONE}):
                metrics.DECISIONS.add(1, {"forbear.channel": personal.FIRST})
            assert set(found_in(trail.told())) == {"log", "spans", "metrics"}
