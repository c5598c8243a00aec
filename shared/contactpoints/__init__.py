"""Ways to reach a person: telephone numbers, e-mail addresses, postal addresses.

Each is parsed strictly into one normal form. Two texts that reach the same person have the same
`digest_form`, from which look-ups and opt-outs are keyed; values appear in no message and no repr.
"""
