"""Messages to judge: a letter in good order, and what the rules find in one."""

from datetime import UTC, datetime
from typing import Any

from services.compliance.rules import content_rules
from services.compliance.rules.content_rules import ContentJudgement
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from tests.unit.compliance.samples import BOOK

AT = datetime(2026, 6, 10, 12, tzinfo=UTC)
DISCLOSED = "This letter is from a debt collector."
INITIAL = (
    "This is an attempt to collect a debt. Any information obtained will be used for that purpose."
)


def letter(said: str = "", /, **changes: Any) -> Message:
    """Return a later letter about a debt that is not time-barred, after the validation period."""
    return Message(
        **{
            "channel": "letter",
            "text": f"{said} {DISCLOSED}" if said else "",
            "is_initial": False,
            "was_initial_oral": False,
            "is_validation_period_open": False,
            "is_debt_expired": False,
            **changes,
        }
    )


def judge(message: Message) -> ContentJudgement:
    """Judge a message by the book that ships."""
    return content_rules.judge(message, BOOK, AT)


def findings(message: Message, rule: str) -> list[Finding]:
    """Return what one rule finds."""
    return [each for each in judge(message).findings if each.rule == rule]


def verdicts(message: Message, rule: str) -> list[str]:
    """Return the verdicts of one rule."""
    return [each.verdict for each in findings(message, rule)]


def quoted(message: Message, finding: Finding) -> str:
    """Return the words that a finding is about."""
    assert finding.passage is not None
    whole = message.subject if finding.passage.part == "subject" else message.text
    return whole[finding.passage.start : finding.passage.end]
