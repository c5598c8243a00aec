"""The latest judgement of one content: a permit for it is decided together with this stream.

One stream per keyed digest of the content. The words themselves are judged and not kept: findings
say where in the message something stands, and anyone who has the message can look.
"""

from datetime import datetime

from services.compliance.rules import content_rules
from services.compliance.rules.book import Book
from services.compliance.rules.findings import ContentVerdict, Finding
from services.compliance.rules.message import Document, Message, MessageChannel
from shared.kernel.decider import Decider
from shared.kernel.records import event, record

FINDINGS_KEPT_MAX = 100
_RANK = {"deny": 0, "require": 1, "flag": 2}


@record
class CheckContent:
    """Judge a message by a book."""

    check_id: str
    content_digest: str
    message: Message
    book: Book
    now: datetime


Command = CheckContent


@event("forbear.compliance.content-checked.v1")
class ContentChecked:
    """A message was judged: what it is, what it discloses, and what the rules found.

    `may_be_initial`: as the first about a debt it is the initial communication, from which the
    validation notice is due. The gravest findings are kept, `findings_left_out` others are not.
    """

    check_id: str
    content_digest: str
    channel: MessageChannel
    document: Document
    language: str
    verdict: ContentVerdict
    findings: tuple[Finding, ...]
    findings_left_out: int
    disclosures: tuple[str, ...]
    is_limited_content: bool
    is_communication: bool
    rule_pack: str
    at: datetime
    may_be_initial: bool = True


Event = ContentChecked


@record
class ContentState:
    """The latest check, and the rules that object to sending it; none before the first."""

    check_id: str = ""
    unfit_by: tuple[str, ...] = ()


def stream(digest: str) -> str:
    """Name the stream of a content by its digest."""
    return f"content-{digest}"


def evolve(state: ContentState, event: Event) -> ContentState:
    """Apply one event: the latest check counts."""
    rules = [each.rule for each in event.findings if each.verdict != "flag"]
    return ContentState(check_id=event.check_id, unfit_by=tuple(dict.fromkeys(rules)))


def decide(command: Command, state: ContentState) -> tuple[Event, ...]:
    """Judge; the same check again adds nothing."""
    if command.check_id == state.check_id:
        return ()
    judged = content_rules.judge(command.message, command.book, command.now)
    gravest_first = sorted(judged.findings, key=lambda each: _RANK[each.verdict])
    checked = ContentChecked(
        check_id=command.check_id,
        content_digest=command.content_digest,
        channel=command.message.channel,
        document=command.message.document,
        language=command.message.language,
        verdict=judged.verdict,
        findings=tuple(gravest_first[:FINDINGS_KEPT_MAX]),
        findings_left_out=max(0, len(gravest_first) - FINDINGS_KEPT_MAX),
        disclosures=judged.disclosures,
        is_limited_content=judged.is_limited_content,
        is_communication=judged.is_communication,
        rule_pack=command.book.label,
        at=command.now,
        may_be_initial=judged.may_be_initial,
    )
    return (checked,)


CONTENTS: Decider[Command, ContentState, Event] = Decider(
    initial=ContentState(),
    evolve=evolve,
    decide=decide,
    events=(ContentChecked,),
    state=ContentState,
    is_guard=True,
)
