"""Recognizes a stop in what a person wrote, without guessing.

The words are those that always revoke (47 CFR 64.1200(a)(10)). A line or sentence of the person's
own text is a stop when nothing but such words and small talk is in it: "STOP", "please stop
e-mailing me", "unsubscribe!!", but not "I will stop by on Monday". What is meant in other words is
for the caller to say.
"""

import re
import unicodedata

STOP_WORDS = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")

LINES_READ_MAX = 40
_ONE_WORD = frozenset(word for word in STOP_WORDS if " " not in word) | {"optout", "stopall"}
_SMALL_TALK = frozenset(
    """
    a address again all and any anymore at call calling calls contacting do email emailing
    emails from hello hey hi i im immediately it just kindly like list madam mail mailing me
    message messages messaging more my no now number of off once phone please pls receiving
    sending sir sms text texting texts thank thanks the them these this those to us want wish
    with would you your
    """.split()
)
_QUOTED = re.compile(r"\s*(?:>|\|)")
_SENTENCE_END = re.compile(r"[.!?;\n\r]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_OPT_OUT = re.compile(r"\bopt(?:ing)?[\s-]*out\b")
_REPLY_HEAD = re.compile(r"\s*(?:on .{4,120} wrote:|-{2,}\s*original message\s*-{2,}|from: )", re.I)


def is_stop(text: str) -> bool:
    """Tell whether the person's own words, quoted ones left out, hold a stop."""
    return any(_is_stop_sentence(each) for each in _SENTENCE_END.split(_own_words(text)))


def _own_words(text: str) -> str:
    own: list[str] = []
    for line in unicodedata.normalize("NFKC", text).splitlines()[:LINES_READ_MAX]:
        if _REPLY_HEAD.match(line):
            break
        if not _QUOTED.match(line):
            own.append(line)
    return "\n".join(own)


def _is_stop_sentence(sentence: str) -> bool:
    plain = _OPT_OUT.sub("optout", sentence.casefold().replace("e-mail", "email"))
    words = {word.replace("'", "").replace("’", "") for word in _WORD.findall(plain)}
    return bool(words & _ONE_WORD) and words <= _ONE_WORD | _SMALL_TALK
