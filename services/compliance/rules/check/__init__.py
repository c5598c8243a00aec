"""Runs worked examples (given, when, then) against the rules, through any driver.

`report.check_file` is the way in. Keys of the examples are interpreted in general: nothing here
knows a single example by its id.
"""
