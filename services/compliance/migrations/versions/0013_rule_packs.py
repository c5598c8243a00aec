"""Rule packs are looked up every few seconds, and are few among many events."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the index that leads to them."""
    op.execute(
        "CREATE INDEX rule_packs ON events (tenant_id, stream, version)"
        " WHERE stream LIKE 'rulepack-%'"
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX rule_packs")
