"""Where a consumer may plausibly be: the IANA zones and states that each piece of data indicates.

Pure look-ups in tables that ship with pinned packages. Doubt widens the answer, because permitted
hours are the intersection over every zone given; no answer at all means "unknown", and unknown
means no contact.
"""
