"""Where a rule can say anything at all: nowhere else is it asked, which changes no decision.

Most rules are about a fact that few consumers have, or about a channel. What is said here must
follow from the rule alone; a rule that is not named is always asked. Random gates hold it
(tests/unit/compliance/test_relevance.py).
"""

from collections.abc import Mapping

from services.compliance.rules import facts
from services.compliance.rules.request import ELECTRONIC, TELEPHONE
from shared.kernel.records import record


@record
class Relevance:
    """One of these kinds of facts is known, and it is one of these channels; none given: any."""

    facts: tuple[type, ...] = ()
    channels: frozenset[str] = frozenset()

    def holds(self, kinds: frozenset[type], channel: str) -> bool:
        """Tell whether the rule can say anything where facts of those kinds are known."""
        if self.channels and channel not in self.channels:
            return False
        return not self.facts or not kinds.isdisjoint(self.facts)


def _about(*kinds: type) -> Relevance:
    return Relevance(facts=kinds)


def _by(*channels: str) -> Relevance:
    return Relevance(channels=frozenset(channels))


ALWAYS = Relevance()
RELEVANT: Mapping[str, Relevance] = {
    "account-hold": _about(facts.AccountHold),
    "address-seen-by-others": Relevance(facts=(facts.ThirdPartyDisclosure,), channels=ELECTRONIC),
    "attorney-retained": _about(facts.AttorneyRetained),
    "automated-consent-revoked": _about(facts.AutomatedConsent),
    "bankruptcy-codebtor": _about(facts.Bankruptcy),
    "bankruptcy-discharge": _about(facts.Bankruptcy),
    "bankruptcy-stay": _about(facts.Bankruptcy),
    "call-after-statement": Relevance(facts=(facts.PersonStatement,), channels=TELEPHONE),
    "call-cooldown": _by(*TELEPHONE),
    "call-frequency": _by(*TELEPHONE),
    "call-outcome-unknown": _by(*TELEPHONE),
    "calls-concentrated": _by(*TELEPHONE),
    "calls-in-rapid-succession": _by(*TELEPHONE),
    "cease-notice": _about(facts.CeaseNotice),
    "consumer-deceased": _about(facts.ConsumerStatus),
    "contact-after-oral-stop": _about(facts.OralStop),
    "debt-extinguished": _about(facts.DebtHistory),
    "dispute-open": _about(facts.Dispute),
    "email-procedure": _by("email"),
    "employer-email": _by("email"),
    "employer-prohibits": _about(facts.EmployerProhibition),
    "identity-theft-notice": _about(facts.IdentityTheftReport),
    "inconvenient-place": _about(facts.InconvenientPlace),
    "inconvenient-time": _about(facts.InconvenientTime),
    "many-calls-to-person": _by(*TELEPHONE),
    "message-on-calls": _by(*ELECTRONIC),
    "original-creditor-request": _about(facts.OriginalCreditorRequest),
    "other-debt-after-cease": _about(facts.CeaseNotice),
    "portal-session": _by("portal"),
    "prerecorded-residential": _by(*TELEPHONE),
    "prior-conduct": Relevance(facts=(facts.PriorConduct,), channels=TELEPHONE),
    "reassigned-number": _about(facts.ReassignmentCheck, facts.AutomatedConsent),
    "revocation-confirmation": Relevance(facts=(facts.OptOut,), channels=frozenset({"text"})),
    "social-unchecked": _by("social"),
    "spouse-at-limit": _by(*TELEPHONE),
    "substantiation-pending": _about(facts.SubstantiationRequest, facts.Dispute),
    "text-procedure": _by("text"),
    "voicemails-in-rapid-succession": _by(*TELEPHONE),
    "work-contact-stopped": _about(facts.InconvenientPlace),
    "wrong-number": _about(facts.WrongNumber),
}
"""By rule; facts of these kinds are also what tells one combination from another."""

KINDS = frozenset(kind for each in RELEVANT.values() for kind in each.facts)
