"""Messages are judged as they were made to be judged, and between them break every rule."""

from datetime import UTC, datetime

import msgspec
import pytest

from services.compliance.content.bodies import ContentCheckBody
from services.compliance.rules import content_rules
from tests.simulation.chance import Chance
from tests.simulation.composition import BOOK
from tests.simulation.coverage import CONTENT
from tests.simulation.messages import Draft, some_draft

pytestmark = pytest.mark.simulation

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHANCE = Chance(1)
DRAFTS = [some_draft(CHANCE) for _ in range(1_500)]


def judged(draft: Draft) -> tuple[frozenset[str], frozenset[str]]:
    message = ContentCheckBody.model_validate_json(msgspec.json.encode(draft.body)).message()
    findings = content_rules.judge(message, BOOK, NOW).findings
    objecting = frozenset(each.rule for each in findings if each.verdict != "flag")
    return objecting, frozenset(each.rule for each in findings if each.verdict == "flag")


def test_each_is_judged_as_it_was_made() -> None:
    for draft in DRAFTS:
        objecting, looked_at = judged(draft)
        assert (objecting, draft.flagged - looked_at) == (draft.denied, frozenset()), draft.body


def test_half_of_them_are_lawful() -> None:
    lawful = sum(not each.denied for each in DRAFTS)
    assert len(DRAFTS) / 3 < lawful < len(DRAFTS) * 2 / 3


def test_every_rule_is_broken_by_some() -> None:
    broken = {rule for each in DRAFTS for rule in (*each.denied, *each.flagged)}
    assert broken == set(CONTENT)
