"""What was found of messages, held against how they were made; and that none found bad was used.

The desk knows what is wrong with what it had checked: the rules' own lists of words are not asked.
"""

from collections.abc import Iterator
from datetime import datetime

from tests.simulation.history import Checked, History
from tests.simulation.logs import Log


def check_content(history: History, contact: Log, compliance: Log) -> Iterator[str]:
    """Name every wrong finding, and every use of words that were found unlawful."""
    for each in history.checked:
        if each.told is not None:
            yield from _found(each)
    answered = [each for each in history.checked if each.told is not None]
    digests = {each.draft.words: each.told["content_digest"] for each in answered if each.told}
    yield from _used(history, digests, compliance)
    yield from _mailed(history, digests, contact)


def _found(checked: Checked) -> Iterator[str]:
    draft, told = checked.draft, checked.told
    assert told is not None
    objected = {each["rule"] for each in told["findings"] if each["verdict"] != "flag"}
    looked_at = {each["rule"] for each in told["findings"] if each["verdict"] == "flag"}
    if objected != draft.denied:
        yield f"{sorted(objected)} objected to {draft.body}, not {sorted(draft.denied)}"
    if missing := draft.flagged - looked_at:
        yield f"{sorted(missing)} did not have {draft.body} looked at"
    passages = {
        (each["rule"], each["sentence"]["words"]) for each in told["findings"] if each["sentence"]
    }
    for rule, sentence in draft.named:
        if (rule, sentence) not in passages:
            yield f"{rule} did not name {sentence!r} of {draft.body}"


def _used(history: History, digests: dict[tuple[str, str], str], log: Log) -> Iterator[str]:
    """Name what was redeemed once somebody had been told that it is unlawful through its channel.

    A message made otherwise of the same words may be lawful: the words still are not.
    """
    known: dict[tuple[str, str], datetime] = {}
    for each in history.checked:
        if each.told_at is not None and each.draft.denied and any(each.draft.words):
            use = (digests[each.draft.words], each.draft.channel)
            known[use] = min(each.told_at, known.get(use, each.told_at))
    for permit in log.of("permit-redeemed"):
        request = permit.body.request
        told_at = known.get((request.content_digest, request.channel))
        if told_at is not None and permit.at > told_at:
            yield f"{permit.body.permit_id} was redeemed at {permit.at} for unlawful words"


def _mailed(history: History, digests: dict[tuple[str, str], str], log: Log) -> Iterator[str]:
    """Name what contact knows by another name than the one under which it was checked."""
    aims = {each.body.attempt_id: each.body for each in log.of("attempt-permitted")}
    for attempt_id, words in history.mailed.items():
        if words in digests and attempt_id in aims:
            if aims[attempt_id].content_digest != digests[words]:
                yield f"{attempt_id} was judged as other words than {words}"
