"""Finds phrases in text: sentence by sentence, whole words only, however they are dressed up.

A phrase is words with single spaces. `word*` also matches longer words, `a|b` either, `word?` a
word that may be absent, `#` a number, and `...` up to `GAP_WORDS_MAX` words of any kind. Case,
accents, punctuation, invisible characters and typographic forms of letters make no difference.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from services.compliance.rules.findings import Passage
from services.compliance.rules.message import Message
from shared.kernel.records import record

GAP_WORDS_MAX = 8
COMPILED_MAX = 4096

_WORD = r"[^\W_]+(?:'[^\W_]+)*"
_BETWEEN = r"[\W_]+"
_NUMBER = (
    r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty)"
)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr inc co corp ltd llc no st ave v vs jr sr e.g i.e a.m p.m u.s u.s.c c.f.r etc"
    " jan feb mar apr jun jul aug sep sept oct nov dec esq dept".split()
)
_END = re.compile(r"[.!?]+[\"'”’)]*(?=\s|\Z)|\n\s*\n|\n(?=\s*[-*•])")
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


@record
class Sentence:
    """A sentence where it stands in a message, folded for comparison.

    `offsets` leads from each folded character, and the end, to where it stands in the original.
    """

    passage: Passage
    folded: str
    offsets: tuple[int, ...]


@record
class Span:
    """Folded characters `start` to `end` of a sentence."""

    start: int
    end: int


def sentences(message: Message) -> tuple[Sentence, ...]:
    """Return the sentences of a message, those of its subject first."""
    return (*_sentences("subject", message.subject), *_sentences("text", message.text))


@lru_cache(maxsize=2)  # every rule asks for the same subject and text; no message is kept longer
def _sentences(part: str, text: str) -> tuple[Sentence, ...]:
    found = []
    start = 0
    for end in [*_ends(text), len(text)]:
        piece = text[start:end]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            first, last = start + lead, start + len(piece.rstrip())
            folded, offsets = _fold.__wrapped__(text[first:last])
            found.append(
                Sentence(
                    passage=Passage(part=part, start=first, end=last),  # type: ignore[arg-type]
                    folded=folded,
                    offsets=tuple(first + each for each in offsets),
                )
            )
        start = end
    return tuple(found)


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match.group().startswith("."):
            word = re.split(r"[\s(\"']", text[max(0, match.start() - 12) : match.start()])[
                -1
            ].lower()
            follows = text[match.end() :].lstrip()[:1]
            if word in _ABBREVIATIONS or re.fullmatch(r"[a-z]", word) or follows.islower():
                continue
        yield match.end()


@lru_cache(maxsize=4)
def _fold(text: str) -> tuple[str, tuple[int, ...]]:
    """Return text as it is compared, and where each of its characters came from."""
    folded: list[str] = []
    offsets: list[int] = []
    for place, letter in enumerate(text.translate(_ALIKE)):
        if unicodedata.category(letter) == "Cf":
            continue  # invisible: it would hide a word
        for each in unicodedata.normalize("NFKD", letter).casefold():
            if not unicodedata.combining(each):
                folded.append(each)
                offsets.append(place)
    return "".join(folded), (*offsets, len(text))


def plain(text: str) -> str:
    """Return text as it is compared."""
    return _fold(text)[0]


def words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return re.findall(_WORD, plain(text).replace("_", " "))


def spans(phrases: Iterable[str], folded: str) -> list[Span]:
    """Return everywhere one of the phrases stands in folded text."""
    return [
        Span(start=match.start(), end=match.end())
        for phrase in phrases
        for match in _pattern(phrase).finditer(folded)
    ]


def has(phrases: Iterable[str], text: str) -> bool:
    """Tell whether one of the phrases stands in a text."""
    return bool(spans(phrases, plain(text)))


def said(
    message: Message, phrases: Iterable[str], excused: Iterable[str] = ()
) -> Iterator[Sentence]:
    """Return the sentences that hold one of the phrases, unless it is part of an excused one."""
    vocabulary = _vocabulary(message.subject) | _vocabulary(message.text)
    wanted = [each for each in phrases if _may_stand(each, vocabulary)]
    if not wanted:
        return
    harmless = tuple(excused)
    for sentence in sentences(message):
        forgiven = spans(harmless, sentence.folded)
        if any(
            not any(each.start < hit.end and hit.start < each.end for each in forgiven)
            for hit in spans(wanted, sentence.folded)
        ):
            yield sentence


def check_phrase(phrase: str) -> None:
    """See that a phrase can be looked for.

    Raises:
        ValueError: it cannot.
    """
    _pattern(phrase)


@lru_cache(maxsize=COMPILED_MAX)
def _pattern(phrase: str) -> re.Pattern[str]:
    """Compile a phrase.

    Raises:
        ValueError: it is empty, or begins with what may be absent.
    """
    pattern, is_first = "", True
    for token in phrase.split():
        if token == "..." and not is_first:
            pattern += rf"(?:{_BETWEEN}{_WORD}){{0,{GAP_WORDS_MAX}}}"
            continue
        is_optional = token.endswith("?")
        if not all(map(words, token.replace("#", "1").split("|"))):
            raise ValueError(f"the phrase {phrase!r} holds something that is no word: {token}")
        alternatives = "|".join(_word(each) for each in token.rstrip("?").split("|"))
        piece = rf"(?<![^\W_])(?:{alternatives})(?![^\W_])"
        if is_first:
            if is_optional:
                raise ValueError(f"the phrase {phrase!r} begins with what may be absent")
            pattern, is_first = piece, False
        elif is_optional:
            pattern += rf"(?:{_BETWEEN}{piece})?"
        else:
            pattern += rf"{_BETWEEN}{piece}"
    if not pattern:
        raise ValueError("an empty phrase")
    return re.compile(pattern)


def _word(said_word: str) -> str:
    if said_word == "#":
        return _NUMBER
    stem = _BETWEEN.join(re.escape(each) for each in re.findall(_WORD, plain(said_word)))
    return stem + r"[^\W_]*" if said_word.endswith("*") else stem


def _may_stand(phrase: str, vocabulary: frozenset[str]) -> bool:
    """Tell whether a text of these words may hold a phrase: most it cannot, and that is fast."""
    return all(not needed.isdisjoint(vocabulary) for needed in _literals(phrase))


@lru_cache(maxsize=COMPILED_MAX)
def _literals(phrase: str) -> tuple[frozenset[str], ...]:
    """Return, for each token that stands for whole words only, a word it cannot do without."""
    return tuple(
        frozenset(words(each)[0] for each in token.split("|"))
        for token in phrase.split()
        if not token.endswith("?") and token not in ("...", "#") and "*" not in token
    )


@lru_cache(maxsize=4)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(words(text))


def word_places(folded: str) -> list[tuple[int, int]]:
    """Return where the words of folded text stand."""
    return [match.span() for match in re.finditer(_WORD, folded)]
