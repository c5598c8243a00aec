"""Planted bugs: worlds in which one part of the composition is wrong.

None of them patches anything: each is a part that someone could have written.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from services.compliance.packs import domain as packs
from services.compliance.permits.domain import GATES
from services.compliance.rules import facts
from services.compliance.rules.book import Book
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.records import replace
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler
from tests.simulation.composition import BOOK, AnyDecider, Composition
from tests.simulation.planted import (
    AtOnce,
    ByOwnWatch,
    Crossed,
    FirstBook,
    FirstOnly,
    Forgetful,
    Hasty,
    Insistent,
    Keyless,
    LastWins,
    LateLeave,
    NeverStale,
    Obliging,
    Optimistic,
    Patient,
    Reassuring,
    Unguarded,
    Washed,
    blind_to,
    first_report_counts,
    for_anything,
    forgotten_after,
    given_back,
    hasty,
    longer_day,
    never_expiring,
    newest_is_what_comes_last,
    one_debt_per_call,
    only_reported,
    open_permits_not_counted,
    owed_alone,
    permit_state,
    replace_decide,
    untold,
    used_again,
    without_accounts,
    without_facts,
    without_localities,
    without_withdrawals,
)
from tests.simulation.planted_rules import (
    asked_only,
    blind,
    forgetful,
    in_one_place,
    later,
    names,
    numbers,
    silent,
    unless,
    unread,
    without_pack,
    without_terms,
    without_terms_of,
)


def _with_decider(changed: AnyDecider, known: AnyDecider = GATES) -> Composition:
    """Put another decider in the place of the gate's, for requests and for events."""

    def swapped(issue: Issue) -> Issue:
        return replace(issue, decider=changed) if issue.decider is known else issue

    class Changed(Transactor):
        async def transact(self, context: Context, issues: Sequence[Issue], **how: Any) -> Outcome:
            return await super().transact(context, [swapped(each) for each in issues], **how)

    def handlers(given: Sequence[Handler]) -> Sequence[Handler]:
        return [_reacting(each, swapped) for each in given]

    return Composition(
        transactor=lambda connection, ids, process: Changed(connection, ids), handlers=handlers
    )


def _reacting(handler: Handler, swapped: Callable[[Issue], Issue]) -> Handler:
    react = handler.react
    if react is None:
        return handler

    def reacting(event: Any, envelope: Envelope) -> Sequence[Issue]:
        return [swapped(each) for each in react(event, envelope)]

    return replace(handler, react=reacting)


def _deaf_to(*names: str) -> Composition:
    """Leave some events of other services unread."""

    def handlers(given: Sequence[Handler]) -> Sequence[Handler]:
        return [each for each in given if each.event is None or each.event.__name__ not in names]

    return Composition(handlers=handlers)


def _by(book: Book) -> Composition:
    return Composition(book=book)


def _through(transactor: type[Transactor]) -> Composition:
    return Composition(transactor=lambda connection, ids, process: transactor(connection, ids))


def _alone(command: packs.Command, state: packs.PackState) -> tuple[packs.Event, ...]:
    """Let the author of a pack approve it."""
    if isinstance(command, packs.ActivateRulePack):
        state = replace(state, author="")
    return packs.decide(command, state)


MUTANTS: dict[str, Composition] = {
    "dispatch-without-redeem": Composition(gate=Obliging),
    "redeem-does-not-decide-again": _with_decider(hasty()),
    "no-slack-in-the-hours": Composition(book=longer_day(BOOK)),
    "unreported-calls-not-counted": _with_decider(only_reported()),
    "window-by-the-machines-clock": Composition(transactor=ByOwnWatch),
    "append-without-version-check": Composition(connection=LastWins),
    "idempotency-ignored": Composition(
        transactor=lambda connection, ids, process: Keyless(connection, ids)
    ),
    "older-fact-beats-newer": _with_decider(newest_is_what_comes_last()),
    "address-opt-out-not-checked": Composition(
        transactor=lambda connection, ids, process: Unguarded(connection, ids)
    ),
    "sends-again-after-unknown": Composition(email_dispatch=Insistent),
    "stop-acknowledged-before-commit": Composition(compliance_client=Reassuring),
    "checkpoint-before-effect": Composition(effects=Forgetful),
    "staleness-ignored": Composition(staleness=timedelta(days=10_000)),
    # ---- numbers that are off by one
    "eighth-call-allowed": _by(numbers("call-frequency", calls_max=1)),
    "six-days-after-a-conversation": _by(numbers("call-cooldown", days=-1)),
    "one-more-for-every-state": _by(numbers("contact-frequency", contacts_max=1)),
    "states-count-six-days": _by(numbers("contact-frequency", days=-1)),
    "texts-for-sixty-one-days": _by(numbers("text-procedure", days=1)),
    "opt-out-time-a-day-short": _by(numbers("email-procedure", opt_out_days_min=-1)),
    "fourth-recording-allowed": _by(numbers("prerecorded-residential", calls_max=1)),
    "furnished-after-a-week": _by(numbers("contact-before-furnishing", wait_days=-7)),
    "a-year-more-to-sue": _by(numbers("limitation-period", written_years=1, oral_years=1)),
    # ---- laws read too narrowly
    "washington-forgotten": _by(without_pack("washington")),
    "third-parties-told": _by(names("party-unfit", "about_the_debt", "third_party", "other")),
    "judgments-taken-for-granted": _by(
        names("party-unfit", "location_purposes", "postjudgment_judicial_remedy")
    ),
    "cease-excepts-requests": _by(
        names("cease-notice", "excepted_purposes", "collection", "requested_information")
    ),
    "hours-of-one-place": _by(in_one_place("permitted-hours")),
    "voicemail-is-no-telephone": _by(
        unless("opted-out-medium", lambda request: request.channel == "voicemail")
    ),
    "stay-needs-a-filing-date": _by(
        blind(
            "bankruptcy-stay",
            lambda fact: not isinstance(fact, facts.Bankruptcy) or fact.filed_on is not None,
        )
    ),
    "neighbor-asked-again-if-unreported": _by(
        forgetful("location-contact", lambda slot: slot.outcome is not None)
    ),
    "work-may-be-called": _by(silent("employer-prohibits", "inconvenient-place")),
    "stops-asked-of-calls-only": _by(asked_only("cease-notice", ("call", "voicemail"))),
    # ---- rules that say nothing
    "dead-are-called": _by(silent("consumer-deceased")),
    "what-is-said-of-a-debt-stays-there": _with_decider(owed_alone()),
    "codebtors-are-called": _by(silent("bankruptcy-codebtor")),
    "named-times-are-used": _by(silent("inconvenient-time")),
    "wrong-numbers-are-called": _by(silent("wrong-number")),
    "seen-addresses-are-used": _with_decider(without_facts(facts.ThirdPartyDisclosure)),
    "no-consent-for-states": _by(silent("message-consent-needed")),
    "machines-without-consent": _by(silent("automated-consent")),
    "reassigned-numbers-are-called": _by(silent("reassigned-number")),
    "portal-is-always-open": _by(silent("portal-session")),
    "letters-say-nothing-of-rights": _by(silent("disclosure-in-writing")),
    "notice-never-due": _by(silent("validation-due")),
    "ended-debts-are-collected": _by(silent("debt-extinguished")),
    "substantiation-ignored": _by(silent("substantiation-pending")),
    "disputes-hold-nothing": _by(silent("dispute-open", "account-hold")),
    "other-peoples-points": _by(silent("contact-point-unfit")),
    # ---- acts
    "suits-anywhere": _by(silent("venue")),
    "theft-is-furnished": _by(silent("identity-theft-block", "identity-theft-refurnishing")),
    "charges-without-basis": _by(silent("unauthorized-amount")),
    "deposits-before-the-date": _by(silent("postdated-instrument")),
    "payments-as-it-suits": _by(silent("payment-allocation")),
    "judgments-without-affidavit": _by(silent("service-affidavit")),
    "records-destroyed": _by(silent("record-retention")),
    # ---- gates, their folding and the permits
    "attempts-forgotten-after-three-days": _with_decider(forgotten_after(3)),
    "first-report-counts": _with_decider(first_report_counts()),
    "cease-about-no-account": _with_decider(without_accounts(facts.CeaseNotice)),
    "attorney-about-no-account": _with_decider(without_accounts(facts.AttorneyRetained)),
    "withdrawals-not-folded": _with_decider(without_withdrawals()),
    "inbound-calls-not-folded": _with_decider(without_facts(facts.InboundCall)),
    "open-permits-not-counted": _with_decider(open_permits_not_counted()),
    "several-debts-judged-as-one": _with_decider(one_debt_per_call()),
    "permits-never-expire": _with_decider(permit_state(never_expiring)),
    "permits-good-for-anything": _with_decider(permit_state(for_anything)),
    "released-permits-are-good": _with_decider(permit_state(given_back)),
    "permits-used-twice": _with_decider(permit_state(used_again)),
    # ---- the agency's own records and packs
    "licences-not-asked": _through(blind_to("licences-")),
    "content-checks-not-asked": _through(blind_to("content-")),
    "packs-never-in-force": Composition(books=FirstBook),
    "packs-never-looked-up-again": Composition(books=NeverStale),
    "packs-end-at-once": Composition(books=AtOnce),
    "author-approves-alone": _with_decider(
        replace_decide(packs.RULE_PACKS, _alone), packs.RULE_PACKS
    ),
    # ---- a city whose law begins while the world lasts
    "city-forgotten": _by(without_pack("new-york-city")),
    "city-known-by-its-state": _with_decider(without_localities()),
    "city-counts-one-more": _by(numbers("contact-frequency", "NYC", contacts_max=1)),
    "city-law-days-late": _by(later("contact-frequency", "NYC", 3)),
    "city-needs-no-consent": _by(without_terms_of("message-consent-needed", "NYC")),
    "city-wants-no-notice": _by(without_terms_of("time-barred-disclosure", "NYC")),
    # ---- what messages say
    "threats-are-sent": _by(unread("forbidden-wording")),
    "arrest-alone-is-a-threat": _by(
        without_terms(
            "forbidden-wording", lambda pack, terms: terms.names["subject"] != ("arrest",)
        )
    ),
    "suits-are-threatened": _by(unread("remedy-threat", "expired-debt-threat")),
    "old-debts-are-threatened-with": _by(unread("expired-debt-threat")),
    "attorneys-in-name": _by(unread("attorney-identity")),
    "collectors-unsaid": _by(unread("debt-collector-disclosure")),
    "no-way-to-opt-out": _by(unread("opt-out-statement")),
    "pressed-while-disputing": _by(unread("overshadowing")),
    "callers-unsaid": _by(unread("caller-identity", "prerecorded-identification", "assumed-name")),
    "limited-content-says-more": _by(unread("limited-content-message")),
    "envelopes-tell": _by(unread("postcard", "envelope-marks")),
    "everyone-reads-along": _by(unread("social-visibility", "social-identity", "social-recipient")),
    "private-messages-go-unread": _by(unless("social-unchecked", lambda request: True)),
    "notices-lack-fields": _by(unread("validation-fields", "consumer-name", "associated-names")),
    "notices-add-up-wrongly": _by(
        unread("validation-amounts", "validation-end", "itemization-date")
    ),
    "returned-mail-will-do": _by(unread("sending-standard", "electronic-consent")),
    "forms-of-any-kind": _by(unread("validation-form", "translated-notice")),
    "nobody-looks-at-french": _by(unread("language-unread")),
    "content-fit-for-one-is-fit-for-all": _through(Washed),
    # ---- requests that go together. That those of one stream do not is for the tests of lanes:
    # here, as in the services, they have queued before they come to one.
    "answers-of-a-group-crossed": Composition(connection=Crossed),
    "only-the-first-is-checked": Composition(connection=FirstOnly),
    # ---- contact, and what is read of it
    "claims-after-sending": Composition(email_dispatch=Hasty),
    "silence-is-not-sent": Composition(email_dispatch=Optimistic),
    "mail-takes-its-time": Composition(email_dispatch=Patient),
    "a-new-minute-to-dial": Composition(call_dispatch=LateLeave),
    "outcomes-not-told": Composition(jobs=untold),
    "recalls-not-read": _deaf_to("AccountRecalled"),
    "dead-not-read": _deaf_to("ConsumerStatusReported"),
}
