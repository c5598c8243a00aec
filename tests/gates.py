"""Gates with a history, written through the real decider: for races, benches and faults."""

from datetime import datetime, timedelta
from hashlib import sha256

from services.compliance.permits.domain import GATES, commands, stream
from services.compliance.rules import facts
from services.compliance.rules.loading import load_book
from services.compliance.rules.request import ContactRequest
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Transactor
from shared.kernel.clock import RandomIds
from shared.location.zones import data_version

BOOK = load_book()
METADATA = Metadata(actor="test", correlation_id="test")
ZONE = "America/Chicago"
_IDS = RandomIds()


class Person:
    """One consumer with one account and one mobile number, who may be called."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.consumer_id = _IDS.new("cns")
        self.account_id = _IDS.new("acct")
        self.contact_point_id = _IDS.new("cp")

    @property
    def request(self) -> ContactRequest:
        """Return a request to call."""
        return ContactRequest(
            consumer_id=self.consumer_id,
            account_ids=(self.account_id,),
            party_id=self.consumer_id,
            channel="call",
            contact_point_id=self.contact_point_id,
            purpose="collection",
            content_digest="",
        )

    @property
    def body(self) -> dict[str, object]:
        """Return the same as a request body."""
        return {
            "consumer_id": self.consumer_id,
            "account_ids": [self.account_id],
            "channel": "call",
            "contact_point_id": self.contact_point_id,
            "purpose": "collection",
        }

    def known(self, at: datetime) -> list[commands.Command]:
        """Return what makes the person callable."""
        stated: list[tuple[str, facts.Fact]] = [
            (
                "account",
                facts.AccountKnown(
                    account_id=self.account_id, product_type="credit_card", placed_at=at
                ),
            ),
            (
                "standing",
                facts.AccountStanding(account_id=self.account_id, lifecycle="active", owes=True),
            ),
            (
                self.contact_point_id,
                facts.ContactPointKnown(
                    contact_point_id=self.contact_point_id,
                    point_kind="phone",
                    label="mobile",
                    digest=sha256(self.contact_point_id.encode()).hexdigest(),
                    zones=(ZONE,),
                    states=("IL",),
                    source="creditor",
                ),
            ),
        ]
        return [
            commands.RecordFact(
                consumer_id=self.consumer_id,
                fact_key=key,
                source_stream=f"account-{self.account_id}",
                source_version=version,
                fact=fact,
                now=at,
            )
            for version, (key, fact) in enumerate(stated, start=1)
        ]

    def call(self, at: datetime, outcome: str = "no_answer") -> list[commands.Command]:
        """Return one whole call: permit, redeem, outcome."""
        permit_id, redemption_id = _IDS.new("prm"), _IDS.new("dec")
        return [
            commands.RequestPermit(
                permit_id=permit_id,
                request=self.request,
                book=BOOK,
                tz_version=data_version(),
                now=at,
            ),
            commands.RedeemPermit(
                permit_id=permit_id,
                redemption_id=redemption_id,
                request=self.request,
                book=BOOK,
                tz_version=data_version(),
                now=at,
            ),
            commands.ReportOutcome(
                consumer_id=self.consumer_id,
                permit_id=permit_id,
                report_id=_IDS.new("req"),
                outcome=outcome,
                started_at=at,
                ended_at=at,
                now=at + timedelta(seconds=30),
            ),
        ]

    async def live(self, transactor: Transactor, history: list[commands.Command]) -> None:
        """Append a history in one transaction."""

        def issue(command: commands.Command) -> Issue:
            return Issue(
                stream=stream(self.consumer_id), decider=GATES, command=lambda moment: command
            )

        issues = [issue(each) for each in history]
        await transactor.transact(Context(tenant=self.tenant, metadata=METADATA), issues)
