"""What a play came to, recounted from the logs; the audit trail and the oracle are asked, too.

Nothing here is taken from what the demo itself remembers of its calls.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.command import keys
from services.command.administration import Stores, urls_of
from services.command.demo.apis import Apis
from services.command.installation import Installation
from services.compliance.audit.verification import Verification, Verifier
from shared.kernel.ids import CANARY
from shared.kernel.records import record
from tests.oracle import examine

_OF_NO_CANARY = f"strpos(convert_from(data, 'UTF8'), '{CANARY}') = 0"
_COUNTS = f"""
SELECT split_part(type, '.', 3) AS name, count(*) AS count FROM events
WHERE tenant_id = $1 AND {_OF_NO_CANARY} GROUP BY name
"""
_CONVERSATIONS = """
SELECT count(*) FROM events
WHERE tenant_id = $1 AND type = 'forbear.contact.attempt-concluded.v1'
  AND convert_from(data, 'UTF8')::jsonb -> 'conversation' = 'true'
"""
_VETOES = f"""
SELECT objection ->> 'rule' AS rule, count(*) AS count
FROM events, jsonb_array_elements(convert_from(data, 'UTF8')::jsonb -> 'objections') AS objection
WHERE tenant_id = $1 AND type = 'forbear.compliance.permit-refused.v1' AND {_OF_NO_CANARY}
GROUP BY rule ORDER BY count DESC, rule
"""
_MONEY = """
SELECT split_part(type, '.', 3) AS name,
       sum((convert_from(data, 'UTF8')::jsonb #>> $2::text[])::bigint)::bigint AS amount
FROM events WHERE tenant_id = $1 AND type = ANY ($3) GROUP BY name
"""


@record
class Money:
    """Sums in cents."""

    placed: int
    received: int
    reversed: int
    recalled: int


@record
class Results:
    """Everything that the summary says. `counts` is how many events of each name there are."""

    tenant: str
    counts: dict[str, int]
    conversations: int
    vetoes_by_rule: dict[str, int]
    money: Money
    trial_balance: int
    lines: tuple[tuple[str, int], ...]
    leaves: int
    checkpoints: int
    bad_record: str | None
    unaudited: int
    oracle_violations: tuple[str, ...]
    oracle_checks: int

    @property
    def attempts(self) -> int:
        """Return how many attempts were dispatched."""
        return self.count("dispatch-started") - self.count("dispatch-refused")

    @property
    def is_audited(self) -> bool:
        """Tell whether the trail holds every event unchanged."""
        return self.bad_record is None and self.unaudited == 0 and self.leaves > 0

    def count(self, name: str) -> int:
        """Return how many events have a name such as `dispute-opened`."""
        return self.counts.get(name, 0)


async def gather(
    apis: Apis,
    installation: Installation,
    stores: Stores,
    tenant: str,
    stage: Callable[[str], None],
) -> Results:
    """Recount, verify and examine one tenant, whose time does not move meanwhile."""
    stage("Recounting the logs")
    counts, conversations, rules = await _counted(stores.connections, tenant)
    money = await _money(stores.of("ledger"), tenant)
    books = await apis.get("ledger", "/v1/trial-balance")
    stage("Verifying the audit trail")
    verification = await _verified(stores.connections, installation, tenant)
    stage("Asking the oracle")
    report = await examine(urls_of("feed", installation), tenant)
    return Results(
        tenant=tenant,
        counts=counts,
        conversations=conversations,
        vetoes_by_rule=rules,
        money=money,
        trial_balance=sum(abs(amount) for amount in books["imbalance"].values()),
        lines=tuple((each["account_code"], each["total"]["amount"]) for each in books["lines"]),
        leaves=verification.leaves,
        checkpoints=verification.checkpoints,
        bad_record=None if verification.bad is None else str(verification.bad),
        unaudited=verification.unaudited,
        oracle_violations=tuple(str(each) for each in report.violations),
        oracle_checks=sum(report.checked.values()),
    )


async def _counted(
    connections: Mapping[str, Any], tenant: str
) -> tuple[dict[str, int], int, dict[str, int]]:
    counts: dict[str, int] = {}
    for connection in connections.values():
        for row in await connection.fetch(_COUNTS, tenant):
            counts[row["name"]] = counts.get(row["name"], 0) + row["count"]
    conversations = await connections["contact"].fetchval(_CONVERSATIONS, tenant)
    vetoes = await connections["compliance"].fetch(_VETOES, tenant)
    return counts, conversations, {row["rule"]: row["count"] for row in vetoes}


async def _money(connection: Any, tenant: str) -> Money:
    async def summed(path: list[str], *types: str) -> dict[str, int]:
        rows = await connection.fetch(
            _MONEY, tenant, path, [f"forbear.ledger.{each}.v1" for each in types]
        )
        return {row["name"]: row["amount"] or 0 for row in rows}

    amounts = await summed(["amount", "amount"], "payment-recorded", "payment-reversed")
    balances = await summed(["balance", "amount"], "account-placed")
    recalled = await connection.fetchval(
        "SELECT coalesce(sum(value::bigint), 0)::bigint FROM events,"
        " jsonb_each_text(convert_from(data, 'UTF8')::jsonb -> 'remainder')"
        " WHERE tenant_id = $1 AND type = 'forbear.ledger.account-recalled.v1'",
        tenant,
    )
    return Money(
        placed=balances.get("account-placed", 0),
        received=amounts.get("payment-recorded", 0),
        reversed=amounts.get("payment-reversed", 0),
        recalled=recalled,
    )


async def _verified(
    connections: Mapping[str, Any], installation: Installation, tenant: str
) -> Verification:
    text = keys.load(installation.secrets_file).public_keys["audit"]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
    return await Verifier(connections, [key]).verify(tenant)
