"""Compliance: permits every contact before it happens, and keeps the record that proves it.

Owns one gate per consumer (what is known of the person, and which attempts were made or may be),
the rules and their packs, the opt-outs of addresses, what was found in messages, and the audit
trail. Promises: no contact without a permit; never more than the law allows, under any
interleaving; nothing redeemed after a protective fact is committed; every refusal names all rules
that object; whatever is unknown or stale means no.
"""
