"""The command line as somebody types it, on databases that are named by the environment."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from typer.testing import CliRunner, Result

from services.command.cli import app
from tests.databases import SERVICES, Database


class Shell:
    """Runs one command after another."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._environment = {
            f"FORBEAR_{each.upper()}_OWNER_DATABASE_URL": databases[each].owner for each in SERVICES
        }

    async def run(self, line: str, *more: str) -> Result:
        words = [*line.split(), *more]
        return await asyncio.to_thread(
            CliRunner().invoke, app, words, env=self._environment, catch_exceptions=False
        )

    async def json(self, line: str, *more: str) -> Any:
        result = await self.run(line, *more, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)
