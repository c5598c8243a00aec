"""How a payment is spread over what is owed."""

# Policy, not law: money goes to principal first, then interest, fees and the creditor's other
# buckets. Interest runs on principal and added charges are what consumers contest most
# (15 USC 1692f(1)), so this order costs the consumer least. No bucket is ever dropped: what a
# payment does not reach stays owed.
ALLOCATION_ORDER = (
    "principal",
    "interest",
    "fees",
    "other3",
    "other4",
    "other5",
    "other6",
    "other7",
    "other8",
    "other9",
)


def allocate(amount: int, owed: dict[str, int]) -> dict[str, int]:
    """Spread an amount over the buckets owed, in order; the parts add up to it if it is owed."""
    parts: dict[str, int] = {}
    left = amount
    for bucket in ALLOCATION_ORDER:
        part = min(left, owed.get(bucket, 0))
        if part:
            parts[bucket] = part
            left -= part
    return parts


def without(owed: dict[str, int], parts: dict[str, int]) -> dict[str, int]:
    """Take an allocation off what is owed; buckets at zero are left out."""
    left = {bucket: amount - parts.get(bucket, 0) for bucket, amount in owed.items()}
    return {bucket: amount for bucket, amount in left.items() if amount}


def restored(owed: dict[str, int], parts: dict[str, int]) -> dict[str, int]:
    """Put an allocation back onto what is owed."""
    return {
        bucket: owed.get(bucket, 0) + parts.get(bucket, 0)
        for bucket in ALLOCATION_ORDER
        if owed.get(bucket, 0) + parts.get(bucket, 0)
    }
