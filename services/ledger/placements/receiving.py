"""Receives a batch of rows: every valid row is stored whole, every other is named.

The whole batch is one transaction, with its receipt. A row whose account number is known already
is a duplicate and names the account; the creditor's customer reference says who the consumer is.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from services.ledger.accounts import domain as accounts
from services.ledger.creditors.domain import CREDITORS, CreditorNotFound
from services.ledger.creditors.domain import stream as creditor_stream
from services.ledger.placements.domain import (
    PLACEMENTS,
    ReceivePlacement,
    RowResult,
    Source,
    stream,
)
from services.ledger.placements.rows import PlacementRow, validate_row
from services.ledger.placements.sealing import SealedRow, Seals
from shared.eventstore import codec
from shared.eventstore.store import Answer, LoadedStream
from shared.eventstore.transact import Context, Issue, Moment, Outcome, rebuild
from shared.kernel.errors import ClaimTaken, InvariantViolated
from shared.kernel.money import Money
from shared.service.foundation import Foundation

CONSUMER = "consumer"
ATTEMPTS_MAX = 5  # another batch may take a name between looking it up and claiming it

Render = Callable[[str, Sequence[RowResult]], Answer]


class Receiving:
    """One batch of one creditor."""

    def __init__(
        self, foundation: Foundation, context: Context, creditor_id: str, source: Source
    ) -> None:
        self._foundation = foundation
        self._context = context
        self._tenant = context.tenant
        self._creditor_id = creditor_id
        self._source = source

    async def receive(self, rows: Sequence[Any], render: Render) -> Outcome:
        """Store the batch and its receipt, and answer with what became of every row.

        Raises:
            CreditorNotFound: the creditor is not registered.
            DomainError, ConcurrencyConflict, TwinInProgress, StoreUnavailable: as `transact`.
        """
        creditor = creditor_stream(self._creditor_id)
        reading = await self._foundation.store.load(
            self._tenant, [creditor], idempotency=self._context.idempotency
        )
        if reading.recorded is not None:  # nothing is sealed again for a repeat, right or wrong
            return await self._foundation.transactor.transact(self._context, [], answer=_never)
        if not rebuild(CREDITORS, reading.streams.get(creditor, LoadedStream())).is_registered:
            raise CreditorNotFound("no creditor has this id")
        today = reading.now.date()
        looked_at = [validate_row(row, today) for row in rows]
        for _ in range(ATTEMPTS_MAX - 1):
            with suppress(ClaimTaken):  # another batch named the same person; look again
                return await self._attempt(looked_at, render)
        return await self._attempt(looked_at, render)

    async def _attempt(self, looked_at: Sequence[Any], render: Render) -> Outcome:
        batch = await _Batch.prepare(self._foundation, self._tenant, self._creditor_id, looked_at)
        placement_id = self._foundation.ids.new("plc")

        def receipt(moment: Moment) -> ReceivePlacement:
            return ReceivePlacement(
                placement_id=placement_id,
                creditor_id=self._creditor_id,
                source=self._source,
                rows=tuple(batch.results),
                now=moment.now,
                consumer_ids=batch.consumer_ids,
            )

        issues = [batch.issue(each, self._creditor_id, placement_id) for each in batch.accepted]
        issues.append(Issue(stream=stream(placement_id), decider=PLACEMENTS, command=receipt))
        return await self._foundation.transactor.transact(
            self._context, issues, answer=lambda outcome: render(placement_id, batch.results)
        )


class _Batch:
    """The rows of a batch, sorted into accepted, rejected and duplicate."""

    def __init__(self) -> None:
        self.results: list[RowResult] = []
        self.accepted: list[_Accepted] = []

    @property
    def consumer_ids(self) -> tuple[str, ...]:
        """Return every consumer of the accepted rows."""
        found = (each for row in self.accepted for each in row.sealed.consumer_ids)
        return tuple(dict.fromkeys(found))

    @classmethod
    async def prepare(
        cls, foundation: Foundation, tenant: str, creditor_id: str, looked_at: Sequence[Any]
    ) -> "_Batch":
        batch = cls()
        valid = [row for row in looked_at if isinstance(row, PlacementRow)]
        names = [
            name
            for row in valid
            for name in (
                (accounts.ACCOUNT_NUMBER, f"{creditor_id}/{row.account_number}"),
                (CONSUMER, f"{creditor_id}/{row.customer_reference}"),
            )
        ]
        digests = await foundation.sealer.lookup_digests(tenant, names)
        claimed = await foundation.store.find(
            tenant, [(kind, digest) for (kind, _), digest in zip(names, digests, strict=True)]
        )
        known = {digest: target for (_, digest), target in claimed.items()}
        new: set[str] = set()
        seals = Seals()
        pairs = iter(zip(digests[::2], digests[1::2], strict=True))
        for number, row in enumerate(looked_at):
            if isinstance(row, list):
                batch.results.append(RowResult(number=number, status="rejected", errors=tuple(row)))
                continue
            account_digest, consumer_digest = next(pairs)
            if account_digest in known:
                batch.results.append(
                    RowResult(number=number, status="duplicate", account_id=known[account_digest])
                )
                continue
            account_id = known[account_digest] = foundation.ids.new("acct")
            if consumer_digest not in known:
                known[consumer_digest] = foundation.ids.new("cns")
                new.add(consumer_digest)
            sealed = SealedRow(row, account_id, known[consumer_digest], foundation.ids, seals)
            batch.results.append(RowResult(number=number, status="accepted", account_id=account_id))
            batch.accepted.append(
                _Accepted(
                    sealed, account_digest, consumer_digest, foundation, consumer_digest in new
                )
            )
            new.discard(consumer_digest)
        await seals.settle(foundation.sealer, tenant)
        return batch

    def issue(self, accepted: "_Accepted", creditor_id: str, placement_id: str) -> Issue:
        """Return the command that places an accepted row."""
        return Issue(
            stream=accounts.stream(accepted.sealed.account_id),
            decider=accounts.ACCOUNTS,
            command=lambda moment: accepted.command(moment, creditor_id, placement_id),
        )


class _Accepted:
    """A row that becomes an account."""

    def __init__(
        self,
        sealed: SealedRow,
        account_digest: str,
        consumer_digest: str,
        foundation: Foundation,
        is_new_consumer: bool,
    ) -> None:
        self.sealed = sealed
        self._account_digest = account_digest
        self._consumer_digest = consumer_digest
        self._is_new_consumer = is_new_consumer
        self._ids = foundation.ids

    def command(self, moment: Moment, creditor_id: str, placement_id: str) -> accounts.PlaceAccount:
        """Return the command with everything personal sealed."""
        sealed, row = self.sealed, self.sealed.row
        claims = (
            (accounts.ConsumerClaim(digest=self._consumer_digest, consumer_id=sealed.consumer_id),)
            if self._is_new_consumer
            else ()
        )
        return accounts.PlaceAccount(
            account_id=sealed.account_id,
            creditor_id=creditor_id,
            placement_id=placement_id,
            consumer_ids=sealed.consumer_ids,
            parties=tuple(party.party() for party in sealed.parties),
            product_type=row.product_type,
            original_creditor_name=row.original_creditor_name,
            current_creditor_name=row.current_creditor_name,
            account_number=sealed.account_number(),
            account_number_digest=self._account_digest,
            customer_reference=sealed.customer_reference(),
            itemization=accounts.Itemization(**row.itemization.model_dump()),
            buckets=row.buckets,
            balance=Money(amount=row.total_balance, currency=row.currency),
            delinquency_date=row.delinquency_date,
            contact_points=tuple(
                point for party in sealed.parties for point in party.contact_points()
            ),
            flag_holds=tuple(
                accounts.FlagHold(flag=flag, hold_id=self._ids.new("hold"))
                for flag in row.flags(moment.now.date())
            ),
            language=row.language,
            particulars=sealed.particulars(),
            row_digest=_digest(row),
            new_consumer_claims=claims,
            now=moment.now,
        )


def _never(outcome: Outcome) -> Answer:
    raise InvariantViolated("a recorded answer was expected")


def _digest(row: PlacementRow) -> str:
    # A salt-free digest of personal data could be guessed back; only what is not personal is in it.
    amounts = {"buckets": row.buckets, "total": row.total_balance, "currency": row.currency}
    return sha256(codec.encode(amounts)).hexdigest()
