"""Where worked examples are run: the port, and the driver that folds the real decider in memory."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from services.compliance.content import domain as content
from services.compliance.permits.domain import GATES, commands, events
from services.compliance.permits.domain.state import GateState
from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.book import Book
from services.compliance.rules.exceptions import EXCEPTION
from services.compliance.rules.facts import Fact
from services.compliance.rules.findings import Flag, Objection, Verdict
from services.compliance.rules.loading import read_pack
from services.compliance.rules.message import Message
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.shelf import Adopted, assemble
from shared.kernel.records import record


class CallRefused(Exception):
    """What an example asks for was refused before any rule was asked."""


@record
class Decision:
    """What came of an act. `permit_id` leads on to its redeem and outcome.

    `cited` are the laws of the objections that decide; `rule_pack` is the label of the book that
    judged.
    """

    verdict: Verdict
    permit_id: str
    flags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    earliest: datetime | None = None
    laws: tuple[str, ...] = ()
    explanations: tuple[str, ...] = ()
    is_communication: bool | None = None
    may_be_initial: bool | None = None
    rule_pack: str = ""
    cited: tuple[str, ...] = ()


@record
class Made:
    """An attempt as an example tells it: made, whatever anyone thought of it."""

    request: ContactRequest
    outcome: str
    started_at: datetime
    ended_at: datetime
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()


class Driver(Protocol):
    """One consumer's gate, fresh for each example. Calls come in the order of time."""

    def name(self, prefix: str, label: str) -> str:
        """Return the id that stands for an example's label, the same each time."""
        ...

    def adopt(self, at: datetime, document: str) -> None:
        """Let a pack of the agency's own be in force from an instant on, before all else."""
        ...

    def book(self, label: str) -> Book:
        """Return a book that has judged, as it is on record."""
        ...

    def apply_fact(self, at: datetime, fact_key: str, fact: Fact) -> None:
        """Put a fact in force; the same key again replaces it."""
        ...

    def release_fact(self, at: datetime, fact_key: str) -> None:
        """End a fact."""
        ...

    def made(self, at: datetime, attempt: Made) -> None:
        """Let an attempt have happened."""
        ...

    def ask(self, at: datetime, request: ContactRequest) -> Decision:
        """Ask for a permit."""
        ...

    def check(self, at: datetime, message: Message) -> Decision:
        """Have a message checked."""
        ...

    def redeem(self, at: datetime, request: ContactRequest, decision: Decision) -> Decision:
        """Redeem what was permitted; the verdict is a veto when the redeem is refused."""
        ...

    def conclude(self, at: datetime, decision: Decision, outcome: str) -> None:
        """Report what came of a redeemed permit."""
        ...

    def clear(self, at: datetime, request: ActRequest) -> Decision:
        """Ask for clearance of an act other than a contact."""
        ...


class DeciderDriver:
    """The decider itself, folded in memory."""

    def __init__(self, book: Book, tz_version: str) -> None:
        self._book = book
        self._tz_version = tz_version
        self._licences = licensed_everywhere(book)
        self._count = 0
        self._versions: dict[str, int] = {}
        self.state = GateState()

    def name(self, prefix: str, label: str) -> str:
        """Return the label itself, with its prefix."""
        return f"{prefix}_{label}"

    def adopt(self, at: datetime, document: str) -> None:
        """Read the pack and bind it with the others."""
        pack = read_pack(document, "the example's pack")
        self._book = assemble(self._book, [Adopted(pack=pack, active_from=at)]).at(at)

    def book(self, label: str) -> Book:
        """Return the book, which is the only one."""
        if label != self._book.label:
            raise LookupError(f"no book {label}")
        return self._book

    def apply_fact(self, at: datetime, fact_key: str, fact: Fact) -> None:
        """Record a fact."""
        self._do(
            commands.RecordFact(
                consumer_id=self.name("cns", "P1"),
                fact_key=fact_key,
                source_stream="example-facts",
                source_version=self._next(fact_key),
                fact=fact,
                now=at,
            )
        )

    def release_fact(self, at: datetime, fact_key: str) -> None:
        """Release a fact."""
        self._do(
            commands.ReleaseFact(
                consumer_id=self.name("cns", "P1"),
                fact_key=fact_key,
                source_stream="example-facts",
                source_version=self._next(fact_key),
                released_by="example",
                reason="the person said otherwise",
                now=at,
            )
        )

    def made(self, at: datetime, attempt: Made) -> None:
        """Report an attempt without a permit: an example's past need not be lawful."""
        self._count += 1
        self._do(
            commands.ReportUnpermittedAttempt(
                attempt_id=f"att_{self._count}",
                request=attempt.request,
                outcome=attempt.outcome,
                started_at=attempt.started_at,
                ended_at=attempt.ended_at,
                discussed=attempt.discussed,
                raised=attempt.raised,
                now=max(at, attempt.ended_at),
            )
        )

    def ask(self, at: datetime, request: ContactRequest) -> Decision:
        """Request a permit."""
        self._count += 1
        permit_id = f"prm_{self._count}"
        (decided,) = self._do(
            commands.RequestPermit(
                permit_id=permit_id,
                request=request,
                book=self._book,
                tz_version=self._tz_version,
                circumstances=Circumstances(licences=self._licences),
                now=at,
            )
        )
        if isinstance(decided, events.PermitGranted):
            return Decision(
                verdict="permit",
                permit_id=permit_id,
                flags=_names(decided.flags),
                rule_pack=decided.rule_pack,
            )
        if isinstance(decided, events.PermitRefused):
            return Decision(
                verdict=decided.verdict,
                permit_id=permit_id,
                flags=_names(decided.flags),
                rules=_rules(decided.objections),
                laws=_laws(decided.objections),
                earliest=decided.earliest_permitted_at,
                rule_pack=decided.rule_pack,
                cited=_laws(each for each in decided.objections if each.verdict == decided.verdict),
            )
        raise TypeError(f"no decision: {type(decided).__name__}")

    def check(self, at: datetime, message: Message) -> Decision:
        """Judge a message."""
        check = content.CheckContent(
            check_id="dec_1", content_digest="", message=message, book=self._book, now=at
        )
        (checked,) = content.decide(check, content.ContentState())
        return content_decision(
            checked.check_id,
            ((each.rule, each.verdict, each.explanation) for each in checked.findings),
            is_communication=checked.is_communication,
            may_be_initial=checked.may_be_initial,
        )

    def redeem(self, at: datetime, request: ContactRequest, decision: Decision) -> Decision:
        """Redeem the permit."""
        (decided,) = self._do(
            commands.RedeemPermit(
                permit_id=decision.permit_id,
                redemption_id=f"rdm_{decision.permit_id}",
                request=request,
                book=self._book,
                tz_version=self._tz_version,
                circumstances=Circumstances(licences=self._licences),
                now=at,
            )
        )
        if isinstance(decided, events.RedemptionRefused):
            return Decision(
                verdict="deny",
                permit_id=decision.permit_id,
                rules=_rules(decided.objections),
                laws=_laws(decided.objections),
            )
        return decision

    def conclude(self, at: datetime, decision: Decision, outcome: str) -> None:
        """Report the outcome."""
        self._do(
            commands.ReportOutcome(
                consumer_id=self.name("cns", "P1"),
                permit_id=decision.permit_id,
                report_id=f"rep_{decision.permit_id}",
                outcome=outcome,
                started_at=at,
                ended_at=at,
                now=at,
            )
        )

    def clear(self, at: datetime, request: ActRequest) -> Decision:
        """Request a clearance."""
        self._count += 1
        clearance_id = f"clr_{self._count}"
        (decided,) = self._do(
            commands.ClearAct(
                clearance_id=clearance_id,
                request=request,
                book=self._book,
                tz_version=self._tz_version,
                now=at,
            )
        )
        if isinstance(decided, events.ActCleared):
            return Decision(verdict="permit", permit_id=clearance_id, flags=_names(decided.flags))
        if isinstance(decided, events.ActRefused):
            return Decision(
                verdict=decided.verdict,
                permit_id=clearance_id,
                flags=_names(decided.flags),
                rules=_rules(decided.objections),
                laws=_laws(decided.objections),
                earliest=decided.earliest_permitted_at,
            )
        raise TypeError(f"no decision: {type(decided).__name__}")

    def _do(self, command: commands.Command) -> tuple[events.Event, ...]:
        happened = GATES.decide(command, self.state)
        self.state = GATES.fold(happened, self.state)
        return happened

    def _next(self, fact_key: str) -> int:
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        return self._versions[fact_key]


def content_decision(
    check_id: str,
    findings: Iterable[tuple[str, str, str]],
    *,
    is_communication: bool,
    may_be_initial: bool,
) -> Decision:
    """Return what findings, each a rule, its verdict and why, come to: what is missing is a no."""
    found = list(findings)
    rules = tuple(dict.fromkeys(rule for rule, verdict, _ in found if verdict != "flag"))
    return Decision(
        verdict="deny" if rules else "permit",
        permit_id=check_id,
        flags=tuple(dict.fromkeys(rule for rule, verdict, _ in found if verdict == "flag")),
        rules=rules,
        explanations=tuple(why for _, _, why in found),
        is_communication=is_communication,
        may_be_initial=may_be_initial,
    )


def is_doubt(facts: Mapping[str, str | int]) -> bool:
    """Tell whether a flag doubts a contact; one that shows an exception only tells who says so."""
    return EXCEPTION not in facts


def _names(flags: tuple[Flag, ...]) -> tuple[str, ...]:
    return tuple(each.flag for each in flags if is_doubt(each.facts))


def _rules(objections: tuple[Objection, ...]) -> tuple[str, ...]:
    return tuple(each.rule for each in objections)


def _laws(objections: Iterable[Objection]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.law for each in objections))


def licensed_everywhere(book: Book) -> tuple[str, ...]:
    """Return every authority that any pack names: licences are in order unless an example says."""
    return tuple(
        sorted(
            {
                authority
                for pack in book.packs
                for terms in pack.terms
                for authority in terms.names.get("authorities", ())
            }
        )
    )
