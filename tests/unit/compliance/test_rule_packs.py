"""The life of a rule pack: each step allowed, refused, and done already."""

from datetime import timedelta
from typing import Any

import pytest

from services.compliance.books.shelves import BOUND
from services.compliance.packs import domain as packs
from services.compliance.packs.domain import LEAD, RULE_PACKS, PackState, status_at
from services.compliance.rules import rulebook
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import MalformedPack
from tests.unit.compliance.samples import NOON

PACK_ID = "rpk_1"
LATER = NOON + timedelta(hours=1)


def draft(**changes: Any) -> packs.DraftRulePack:
    return packs.DraftRulePack(
        **{
            "pack_id": PACK_ID,
            "pack": "toy",
            "version": "1",
            "jurisdiction": "XX",
            "document": "{}",
            "author": "ada",
            "now": NOON,
            **changes,
        }
    )


def observe(revision: int = 1, **changes: Any) -> packs.ObserveRulePack:
    return packs.ObserveRulePack(
        **{"pack_id": PACK_ID, "revision": revision, "by": "ada", "now": NOON, **changes}
    )


def activate(revision: int = 2, **changes: Any) -> packs.ActivateRulePack:
    return packs.ActivateRulePack(
        **{
            "pack_id": PACK_ID,
            "revision": revision,
            "approved_by": "grace",
            "effective_at": LATER,
            "now": NOON,
            **changes,
        }
    )


def withdraw(revision: int = 3, **changes: Any) -> packs.WithdrawRulePack:
    return packs.WithdrawRulePack(
        **{
            "pack_id": PACK_ID,
            "revision": revision,
            "withdrawn_by": "grace",
            "reason": "superseded",
            "effective_at": LATER + timedelta(days=1),
            "now": NOON,
            **changes,
        }
    )


def after(*commands: packs.Command) -> PackState:
    """Decide each in turn; deciding it again yields nothing."""
    state = RULE_PACKS.initial
    for each in commands:
        state = RULE_PACKS.fold(RULE_PACKS.decide(each, state), state)
        assert RULE_PACKS.decide(each, state) == ()
    return state


class TestStatus:
    def test_changes_at_the_instants_alone(self) -> None:
        state = after(draft(), observe(), activate(), withdraw())
        instants = [NOON, NOON + LEAD, LATER, LATER + timedelta(days=1)]
        assert [status_at(state, each) for each in instants] == [
            "draft",
            "shadow",
            "active",
            "withdrawn",
        ]

    def test_is_withdrawn_before_it_ever_was_active(self) -> None:
        state = after(draft(), observe(), activate(), withdraw(effective_at=NOON + LEAD))
        assert status_at(state, LATER) == "withdrawn"


class TestDraft:
    def test_is_refused_when_name_and_version_are_taken(self) -> None:
        with pytest.raises(packs.RulePackExists):
            RULE_PACKS.decide(draft(is_taken=True), RULE_PACKS.initial)

    def test_claims_its_name_and_version(self) -> None:
        (drafted,) = RULE_PACKS.decide(draft(), RULE_PACKS.initial)
        (claim,) = RULE_PACKS.claims(drafted)
        assert claim.target == packs.stream(PACK_ID)
        assert claim.digest == packs.name_of("toy", "1").digest


class TestObserve:
    def test_begins_once_every_process_can_know(self) -> None:
        assert after(draft(), observe()).observed_from == NOON + LEAD

    def test_is_refused_for_what_is_no_draft(self) -> None:
        for state in (after(draft(), observe()), after(draft(), withdraw(1))):
            with pytest.raises(packs.RulePackNotThere):
                RULE_PACKS.decide(observe(state.revision, now=LATER), state)

    def test_is_refused_on_another_version_than_was_seen(self) -> None:
        with pytest.raises(packs.RulePackChanged):
            RULE_PACKS.decide(observe(2), after(draft()))

    def test_is_refused_for_what_there_is_not(self) -> None:
        with pytest.raises(packs.RulePackNotFound):
            RULE_PACKS.decide(observe(), RULE_PACKS.initial)


class TestActivate:
    def test_takes_somebody_else_than_the_author(self) -> None:
        with pytest.raises(packs.FourEyes):
            RULE_PACKS.decide(activate(approved_by="ada"), after(draft(), observe()))

    def test_takes_effect_no_sooner_than_every_process_knows(self) -> None:
        state = after(draft(), observe())
        early = activate(effective_at=NOON + LEAD - timedelta(microseconds=1))
        with pytest.raises(packs.EffectiveTooSoon):
            RULE_PACKS.decide(early, state)
        assert RULE_PACKS.decide(activate(effective_at=NOON + LEAD), state)

    def test_leaves_a_process_time_to_look_again(self) -> None:
        """What is committed late, within the bound, is still known when it takes effect."""
        assert LEAD >= 2 * BOUND

    def test_is_refused_before_shadow_and_twice(self) -> None:
        for state in (after(draft()), after(draft(), observe(), activate())):
            again = activate(state.revision, effective_at=LATER + LEAD)
            with pytest.raises(packs.RulePackNotThere):
                RULE_PACKS.decide(again, state)


class TestWithdraw:
    def test_ends_a_draft_at_once(self) -> None:
        state = after(draft(), withdraw(1, effective_at=None, withdrawn_by="ada"))
        assert state.withdrawn_from == NOON

    def test_ends_what_is_observed_once_every_process_can_know(self) -> None:
        state = after(draft(), observe(), withdraw(2, effective_at=None, withdrawn_by="ada"))
        assert state.withdrawn_from == NOON + LEAD

    def test_takes_somebody_else_than_the_author_once_it_is_to_be_enforced(self) -> None:
        with pytest.raises(packs.FourEyes):
            RULE_PACKS.decide(withdraw(withdrawn_by="ada"), after(draft(), observe(), activate()))

    def test_is_refused_at_an_instant_too_soon(self) -> None:
        with pytest.raises(packs.EffectiveTooSoon):
            RULE_PACKS.decide(withdraw(effective_at=NOON), after(draft(), observe(), activate()))

    def test_is_refused_twice(self) -> None:
        state = after(draft(), observe(), activate(), withdraw())
        with pytest.raises(packs.RulePackNotThere):
            RULE_PACKS.decide(withdraw(4, withdrawn_by="joan"), state)


ROW = (
    "{rule: call-cooldown, law: X, citation: X, effective_from: 2020-01-01,"
    " parameters: {days: 7, consent_days: 7}}"
)
HEAD = 'pack: toy\nversion: "1"\njurisdiction: XX\nrules:\n- '
SECRET = "zephyrine"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (f"{SECRET}: [", ""),
        ("[" * 40_000, ""),
        (SECRET, ""),
        (f"pack: &a [{SECRET}]\nversion: [*a, *a]", ""),
        (f"pack: a\npack: {SECRET}\n", ""),
        (HEAD.replace("toy", SECRET.upper()) + ROW, "/pack"),
        (HEAD.replace('"1"', "1.5") + ROW, "/version"),
        (HEAD.replace("XX", "x") + ROW, "/jurisdiction"),
        (HEAD.replace("rules", SECRET) + ROW, ""),
        (HEAD + ROW.replace("call-cooldown", SECRET), "/rules/0/rule"),
        (HEAD + ROW.replace("law: X", "law: "), "/rules/0/law"),
        (HEAD + ROW.replace("law: X", f"{SECRET}: X"), "/rules/0"),
        (HEAD + ROW.replace("2020-01-01", SECRET), "/rules/0"),
        (HEAD + ROW.replace("days: 7,", f"{SECRET}: 7,"), "/rules/0/parameters"),
        (HEAD + ROW.replace("days: 7,", f"days: {SECRET},"), "/rules/0/parameters/days"),
        (HEAD + ROW[:-1] + f", verified: {SECRET}}}", "/rules/0/verified"),
        (HEAD + ROW + "\n- " + ROW, "/rules"),
    ],
)
def test_a_document_is_refused_with_place_and_fix(document: str, place: str) -> None:
    with pytest.raises(MalformedPack) as refused:
        read_pack(document, "document")
    assert refused.value.place == place
    assert refused.value.fix
    assert SECRET not in refused.value.fix + refused.value.place


def test_a_document_may_be_json() -> None:
    pack = read_pack(HEAD + ROW, "yaml")
    text = (
        '{"pack": "toy", "version": "1", "jurisdiction": "XX", "rules": [{"rule": "call-cooldown",'
        ' "law": "X", "citation": "X", "effective_from": "2020-01-01",'
        ' "parameters": {"days": 7, "consent_days": 7}}]}'
    )
    assert read_pack(text, "json") == pack
    assert set(rulebook.KNOWN) > {"call-cooldown"}
