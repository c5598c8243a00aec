"""Turns a row in clear text into the sealed parts of an account, with what rules need in clear.

Texts are collected first and sealed in one call, however many rows there are.
"""

import json
from collections.abc import Callable

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain.placed import PointKind
from services.ledger.placements.rows import AddressRow, ConsentRow, PartyRow, PlacementRow
from shared.contactpoints import domains
from shared.contactpoints.postal import PostalAddress
from shared.kernel.ids import Ids
from shared.kernel.sealed import Sealed
from shared.location.evidence import UNKNOWN, Evidence
from shared.location.phone import phone_evidence
from shared.location.postal import postal_evidence
from shared.vault.sealer import Sealer

CONTACT_POINT = "contact_point"
Later = Callable[[], Sealed]
LaterDigest = Callable[[], str]


class Seals:
    """Collects texts to seal and to digest, then gives each its value."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, str, str]] = []
        self._sealed: list[Sealed] = []
        self._forms: list[tuple[str, str]] = []
        self._digests: list[str] = []

    def seal(self, subject: str, field: str, text: str) -> Later:
        """Ask for a text to be sealed under its subject."""
        place = len(self._texts)
        self._texts.append((subject, field, text))
        return lambda: self._sealed[place]

    def digest(self, kind: str, form: str) -> LaterDigest:
        """Ask for the keyed digest of a normalized text."""
        place = len(self._forms)
        self._forms.append((kind, form))
        return lambda: self._digests[place]

    async def settle(self, sealer: Sealer, tenant: str) -> None:
        """Seal and digest everything asked for."""
        self._sealed = await sealer.seal_many(tenant, self._texts)
        self._digests = await sealer.lookup_digests(tenant, self._forms)


class SealedParty:
    """One party of a row and its contact points, before and after sealing."""

    def __init__(
        self, row: PartyRow, party_id: str, consumer_id: str | None, ids: Ids, seals: Seals
    ) -> None:
        self.party_id = party_id
        self.consumer_id = consumer_id
        self._row = row
        self._subject = consumer_id or party_id
        self._seals = seals
        self._name = self._seal("name", row.display_name)
        self._alias = self._seal("alias", row.alias)
        born = row.date_of_birth.isoformat() if row.date_of_birth else None
        self._date_of_birth = self._seal("date_of_birth", born)
        self._ssn_last4 = self._seal("ssn_last4", row.ssn_last4)
        self._driver_license = self._seal("driver_license", row.driver_license)
        self._points = [point for point in self._collect(ids)]

    def party(self) -> accounts.Party:
        """Return the sealed party."""
        return accounts.Party(
            party_id=self.party_id,
            consumer_id=self.consumer_id,
            role=self._row.role,
            name=self._name(),  # type: ignore[misc]
            alias=_given(self._alias),
            date_of_birth=_given(self._date_of_birth),
            ssn_last4=_given(self._ssn_last4),
            driver_license=_given(self._driver_license),
            relation=self._row.relation,
        )

    def contact_points(self) -> list[accounts.PlacedContactPoint]:
        """Return the sealed contact points."""
        return [build() for build in self._points]

    def _collect(self, ids: Ids) -> list[Callable[[], accounts.PlacedContactPoint]]:
        found = []
        for phone in self._row.phones:
            evidence = phone_evidence(phone.number.e164)
            found.append(
                self._point(
                    ids, "phone", phone.number.e164, phone.number.digest_form, evidence, phone
                )
            )
        for email in self._row.emails:
            found.append(
                self._point(
                    ids, "email", email.address.address, email.address.digest_form, UNKNOWN, email
                )
            )
        for address in self._row.addresses:
            value, form, evidence = _postal(address)
            found.append(self._point(ids, "address", value, form, evidence, address))
        return found

    def _point(
        self,
        ids: Ids,
        kind: PointKind,
        value: str,
        form: str,
        evidence: Evidence,
        row: object,
    ) -> Callable[[], accounts.PlacedContactPoint]:
        contact_point_id = ids.new("cp")
        sealed = self._seals.seal(self._subject, CONTACT_POINT, value)
        digest = self._seals.digest(kind, form)
        consents = tuple(_consent(each) for each in getattr(row, "consents", ()))
        return lambda: accounts.PlacedContactPoint(
            contact_point_id=contact_point_id,
            party_id=self.party_id,
            consumer_id=self.consumer_id,
            kind=kind,
            label=row.label,  # type: ignore[attr-defined]
            value=sealed(),
            digest=digest(),
            zones=evidence.zones,
            states=evidence.states,
            localities=evidence.localities,
            consents=consents,
            source=row.source,  # type: ignore[attr-defined]
            obtained_on=row.obtained_on,  # type: ignore[attr-defined]
            is_public_domain=domains.is_public(value.rpartition("@")[2])
            if kind == "email"
            else None,
        )

    def _seal(self, field: str, text: str | None) -> Later | None:
        return self._seals.seal(self._subject, field, text) if text else None


def _given(later: Later | None) -> Sealed | None:
    return later() if later else None


def _postal(row: AddressRow) -> tuple[str, str, Evidence]:
    value = json.dumps(
        {
            "lines": row.lines,
            "city": row.city,
            "state": row.state,
            "zip": row.zip,
            "country": row.country,
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    if row.country != "US" or row.state is None or row.zip is None:
        return value, value.casefold(), UNKNOWN
    address = PostalAddress(
        lines=tuple(row.lines), city=row.city, state=row.state, zip_code=row.zip
    )
    return value, address.digest_form, postal_evidence(address.zip5, address.state)


def _consent(row: ConsentRow) -> accounts.PlacedConsent:
    return accounts.PlacedConsent(
        procedure=row.procedure,
        medium=row.medium,
        given_on=row.given_on,
        notice_sent_on=row.notice_sent_on,
        opt_out_by=row.opt_out_by,
    )


class SealedRow:
    """One accepted row on its way to becoming an account."""

    def __init__(
        self, row: PlacementRow, account_id: str, consumer_id: str, ids: Ids, seals: Seals
    ):
        self.row = row
        self.account_id = account_id
        self.consumer_id = consumer_id
        self.parties = [
            SealedParty(party, ids.new("pty"), self._consumer_of(party, ids), ids, seals)
            for party in row.parties
        ]
        self.account_number = seals.seal(consumer_id, "account_number", row.account_number)
        self.customer_reference = seals.seal(
            consumer_id, "customer_reference", row.customer_reference
        )
        self._description = _maybe(seals, consumer_id, "description", row.description)
        self._file_number = _maybe(seals, consumer_id, "file_number", row.file_number)
        self._agency_reference = _maybe(
            seals, consumer_id, "agency_reference", row.agency_reference
        )
        docket = row.judgment.docket if row.judgment else None
        self._docket = _maybe(seals, consumer_id, "docket", docket)

    @property
    def consumer_ids(self) -> tuple[str, ...]:
        """Return who is said to owe, the primary consumer first."""
        others = [party.consumer_id for party in self.parties if party.consumer_id]
        return tuple(dict.fromkeys([self.consumer_id, *others]))

    def particulars(self) -> accounts.Particulars:
        """Return the optional fields, sealed where they are personal."""
        row = self.row
        return accounts.Particulars(
            description=_given(self._description),
            file_number=_given(self._file_number),
            agency_reference=_given(self._agency_reference),
            open_date=row.open_date,
            due_date=row.due_date,
            charge_off_date=row.charge_off_date,
            charge_off_amount=row.charge_off_amount,
            last_payment_date=row.last_payment_date,
            last_payment_amount=row.last_payment_amount,
            last_charge_date=row.last_charge_date,
            limitation_date=row.limitation_date,
            recall_date=row.recall_date,
            governing_law_state=row.governing_law_state,
            has_written_contract=row.has_written_contract,
            interest_terms=_interest(row),
            fee_terms=_fees(row),
            settlement_authority=_authority(row),
            credit_reporting=_reporting(row),
            judgment=self._judgment(),
            medical=_medical(row),
            media=tuple(row.media),
            time_zone=row.time_zone,
            preferred_channel=row.preferred_channel,
        )

    def _consumer_of(self, party: PartyRow, ids: Ids) -> str | None:
        if party is self.row.primary:
            return self.consumer_id
        is_owing_person = party.role in ("consumer", "co_debtor", "guarantor") and not party.company
        return ids.new("cns") if is_owing_person else None

    def _judgment(self) -> accounts.Judgment | None:
        judgment = self.row.judgment
        if judgment is None or self._docket is None:
            return None
        return accounts.Judgment(
            date=judgment.date,
            amount=judgment.amount,
            docket=self._docket(),
            costs=judgment.costs,
            pre_judgment_interest=judgment.pre_judgment_interest,
        )


def _maybe(seals: Seals, subject: str, field: str, text: str | None) -> Later | None:
    return seals.seal(subject, field, text) if text else None


def _interest(row: PlacementRow) -> accounts.InterestTerms | None:
    terms = row.interest_terms
    return accounts.InterestTerms(**terms.model_dump()) if terms else None


def _fees(row: PlacementRow) -> accounts.FeeTerms | None:
    return accounts.FeeTerms(**row.fee_terms.model_dump()) if row.fee_terms else None


def _authority(row: PlacementRow) -> accounts.SettlementAuthority | None:
    authority = row.settlement_authority
    return accounts.SettlementAuthority(**authority.model_dump()) if authority else None


def _reporting(row: PlacementRow) -> accounts.CreditReporting | None:
    reporting = row.credit_reporting
    return accounts.CreditReporting(**reporting.model_dump()) if reporting else None


def _medical(row: PlacementRow) -> accounts.Medical | None:
    return accounts.Medical(**row.medical.model_dump()) if row.medical else None
