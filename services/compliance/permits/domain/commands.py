"""What a gate can be asked to do. Each carries the clock reading and every outside fact."""

from datetime import datetime

from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.book import Book
from services.compliance.rules.facts import Fact
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.succession import Following
from shared.kernel.records import record


@record
class RecordFact:
    """Take in a fact as of that version of the stream that states it.

    `about` are accounts that the gate must know, in the order of the field `account_ids`.
    """

    consumer_id: str
    fact_key: str
    source_stream: str
    source_version: int
    fact: Fact
    now: datetime
    about: tuple[str, ...] = ()


@record
class ReleaseFact:
    """End a fact, by whom and why, as of that version of the stream that says so.

    `must_be_known`: nothing is noted of a fact that the gate does not hold.
    """

    consumer_id: str
    fact_key: str
    source_stream: str
    source_version: int
    released_by: str
    reason: str
    now: datetime
    must_be_known: bool = False


@record
class RequestPermit:
    """Ask for leave to make one attempt; `following` are the books that come after `book`."""

    permit_id: str
    request: ContactRequest
    book: Book
    tz_version: str
    now: datetime
    circumstances: Circumstances = Circumstances()
    watermarks: dict[str, datetime] = {}
    trace_id: str = ""
    following: tuple[Following, ...] = ()


@record
class RedeemPermit:
    """Use a permit when dispatching; the redemption id tells a retry from a second use."""

    permit_id: str
    redemption_id: str
    request: ContactRequest
    book: Book
    tz_version: str
    now: datetime
    circumstances: Circumstances = Circumstances()
    watermarks: dict[str, datetime] = {}
    trace_id: str = ""


@record
class ReportOutcome:
    """Say what came of an attempt. A later report adds to an earlier one.

    `discussed` are the accounts spoken of, `raised` those the collector brought up; neither
    said means those on record, and else those of the request.
    """

    consumer_id: str
    permit_id: str
    report_id: str
    outcome: str
    now: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()


@record
class ReleasePermit:
    """Give back a permit that was not used."""

    consumer_id: str
    permit_id: str
    reason: str
    now: datetime


@record
class ReportUnpermittedAttempt:
    """Say that an attempt was made without a permit."""

    attempt_id: str
    request: ContactRequest
    outcome: str
    started_at: datetime
    now: datetime
    ended_at: datetime | None = None
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()


@record
class ClearAct:
    """Ask whether an act other than a contact may be done now; `following` as of a permit."""

    clearance_id: str
    request: ActRequest
    book: Book
    tz_version: str
    now: datetime
    circumstances: Circumstances = Circumstances()
    watermarks: dict[str, datetime] = {}
    trace_id: str = ""
    following: tuple[Following, ...] = ()


Command = (
    RecordFact
    | ReleaseFact
    | RequestPermit
    | RedeemPermit
    | ReportOutcome
    | ReleasePermit
    | ReportUnpermittedAttempt
    | ClearAct
)
