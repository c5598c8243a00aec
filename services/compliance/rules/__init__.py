"""Rules of contact: pure functions over a consumer's facts, one rule one file.

`rulebook` lists them; `packs/` holds their numbers and citations; `check/` runs worked examples.
"""
