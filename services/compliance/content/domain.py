"""The judgements of one content that stand: a permit for it is decided together with this stream.

One stream per keyed digest of the content. The words themselves are judged and not kept: findings
say where in the message something stands, and anyone who has the message can look.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from services.compliance.rules import content_rules
from services.compliance.rules.book import Book
from services.compliance.rules.definitions import is_debt_collector
from services.compliance.rules.facts import Channel
from services.compliance.rules.findings import ContentVerdict, Finding
from services.compliance.rules.message import Document, Message, MessageChannel
from shared.kernel.decider import Decider
from shared.kernel.records import event, record, replace

FINDINGS_KEPT_MAX = 100
MESSAGES_KEPT_MAX = 32
"""Of one content; what is found of more of them stands for good."""

Uses = dict[MessageChannel, dict[Document, tuple[str, ...]]]
_RANK = {"deny": 0, "require": 1, "flag": 2}
_ASKED_FOR: frozenset[str] = frozenset(get_args(Channel))
TO_BE_CHECKED: frozenset[str] = frozenset({"social"})
"""Where others may see what is sent: nothing goes that way that was not checked for it."""


@record
class CheckContent:
    """Judge a message by a book; `message_digest` names it with all that is said of it."""

    check_id: str
    content_digest: str
    message: Message
    book: Book
    now: datetime
    message_digest: str = ""


Command = CheckContent


@event("forbear.compliance.content-checked.v1")
class ContentChecked:
    """A message was judged: what it is, what it discloses, and what the rules found.

    `may_be_initial`: as the first about a debt it is the initial communication, from which the
    validation notice is due. The gravest findings are kept, `findings_left_out` others are not.
    `is_from_collector`: it was judged as a debt collector's; only then does it replace what an
    earlier check found. `message_digest` names the words and all that was said of them: nothing
    but the same message, judged again, takes back what was found.
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
    is_from_collector: bool = False
    message_digest: str = ""


Event = ContentChecked


@record
class ContentState:
    """The latest check, and the rules that object to sending the content; none before the first.

    `by_message` holds them by what was said of the content, the channel and the document it was
    checked as; `by_use` those of which nobody knows any more what was said, `unfit_by` all of them.
    `is_crowded`: some of those in `by_use` stand for good.
    """

    check_id: str = ""
    unfit_by: tuple[str, ...] = ()
    by_use: Uses = {}
    by_message: dict[str, Uses] = {}
    is_crowded: bool = False


def stream(digest: str) -> str:
    """Name the stream of a content by its digest."""
    return f"content-{digest}"


def unfit_by(state: ContentState, channel: Channel) -> tuple[str, ...]:
    """Return the rules that object to sending the content through a channel.

    A permit tells neither the document nor what was said of the content, so what was found of each
    counts, and so does what was found of channels that permits do not know. Not checked for its own
    channel, whatever was found counts.
    """
    every = (state.by_use, *state.by_message.values())
    if not any(channel in uses for uses in every):
        return state.unfit_by
    return _rules(
        by_document
        for uses in every
        for checked_as, by_document in uses.items()
        if checked_as == channel or checked_as not in _ASKED_FOR
    )


def is_checked_for(state: ContentState, channel: Channel) -> bool:
    """Tell whether the content was checked for its channel, where it has to be.

    Of other channels it does not have to be. A check as nobody's who is a debt collector is kept
    only with what it found, which makes the content unfit.
    """
    every = (state.by_use, *state.by_message.values())
    return channel not in TO_BE_CHECKED or any(channel in uses for uses in every)


def evolve(state: ContentState, event: Event) -> ContentState:
    """Apply one event: of a message the latest check as a channel and document counts.

    One as nobody's who is a debt collector adds what it found and clears nothing: permits are a
    debt collector's.
    """
    digest = event.message_digest
    is_crowded = digest not in state.by_message and len(state.by_message) >= MESSAGES_KEPT_MAX
    if is_crowded:
        digest = ""
    found = tuple(each.rule for each in event.findings if each.verdict != "flag")
    uses = state.by_message.get(digest, {}) if digest else state.by_use
    by_document = uses.get(event.channel, {})
    if not event.is_from_collector or (is_crowded and event.message_digest):
        if not found:
            return replace(state, check_id=event.check_id)
        found = (*by_document.get(event.document, ()), *found)
    by_document = {**by_document, event.document: tuple(dict.fromkeys(found))}
    uses = {**uses, event.channel: by_document}
    if digest:
        by_use = _cleared(state, event) if event.is_from_collector else state.by_use
        kept = replace(state, by_use=by_use, by_message={**state.by_message, digest: uses})
    else:
        kept = replace(state, by_use=uses, is_crowded=state.is_crowded or is_crowded)
    every = (kept.by_use, *kept.by_message.values())
    unfit = _rules(by_document for uses in every for by_document in uses.values())
    return replace(kept, check_id=event.check_id, unfit_by=unfit)


def _cleared(state: ContentState, event: ContentChecked) -> Uses:
    """Return what was found before messages were told apart, but of this channel and document.

    A check took the place of the one before it then, and a check since then does so, too.
    """
    found = state.by_use.get(event.channel, {})
    if state.is_crowded or event.document not in found:
        return state.by_use
    return {**state.by_use, event.channel: {**found, event.document: ()}}


def _rules(found: Iterable[dict[Document, tuple[str, ...]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for each in found for rules in each.values() for rule in rules))


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
        is_from_collector=is_debt_collector(command.message.sender),
        message_digest=command.message_digest,
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
