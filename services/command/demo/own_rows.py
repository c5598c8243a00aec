"""Our own CSV as placement rows: what cannot be read is sent as it stands, for a refusal."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

PLACEMENT_FIELDS = (
    "account_number",
    "customer_reference",
    "product_type",
    "original_creditor_name",
    "current_creditor_name",
    "delinquency_date",
    "open_date",
    "charge_off_date",
    "last_payment_date",
    "language",
)
_CENT = Decimal("0.01")


def placement_row(given: Mapping[str, str]) -> dict[str, Any]:
    """Return one line of our own CSV as a placement row."""
    values = {name: text.strip() for name, text in given.items() if text and text.strip()}
    row: dict[str, Any] = {name: values[name] for name in PLACEMENT_FIELDS if name in values}
    row["itemization"] = {
        "date": values.get("itemization_date", ""),
        "type": values.get("itemization_type", ""),
        **{
            field: minor_units(values.get(f"itemization_{field}", "0"))
            for field in ("balance", "interest", "fees", "payments", "credits")
        },
    }
    for bucket in ("principal", "interest", "fees"):
        row[bucket] = minor_units(values.get(bucket, "0"))
    row["total_balance"] = minor_units(values.get("total_balance", ""))
    if "last_payment_amount" in values:
        row["last_payment_amount"] = minor_units(values["last_payment_amount"])
    row["currency"] = "USD"
    row["parties"] = [_consumer(values)]
    row["special_flags"] = values.get("special_flags", "").split()
    return row


def minor_units(text: str) -> int | str:
    """Return an amount in cents; what is none, or has fractions of a cent, is left as it is."""
    try:
        amount = Decimal(text)
        if not amount.is_finite() or amount != amount.quantize(_CENT):
            return text
    except InvalidOperation:
        return text
    return int(amount * 100)


def _consumer(values: Mapping[str, str]) -> dict[str, Any]:
    names = ("first_name", "last_name", "date_of_birth")
    party: dict[str, Any] = {name: values[name] for name in names if name in values}
    party["role"] = "consumer"
    address: dict[str, Any] = {"lines": [values.get("street", "")], "country": "US"}
    address |= {name: values[name] for name in ("city", "state", "zip") if name in values}
    address["label"] = "home"
    party["addresses"] = [address]
    party["phones"] = [
        {"number": values[name], "label": values.get(f"{name}_label", "unknown")}
        for name in ("phone", "second_phone")
        if name in values
    ]
    party["emails"] = [_email(values)] if "email" in values else []
    return party


def _email(values: Mapping[str, str]) -> dict[str, Any]:
    email: dict[str, Any] = {
        "address": values["email"],
        "label": values.get("email_label", "unknown"),
    }
    if "email_procedure" in values:
        consent = {"procedure": values["email_procedure"], "medium": "email"}
        for field in ("given_on", "notice_sent_on", "opt_out_by"):
            if f"email_{field}" in values:
                consent[field] = values[f"email_{field}"]
        email["consents"] = [consent]
    return email
