"""Alembic's way in."""

from shared.eventstore.migrate import run_environment

run_environment()
