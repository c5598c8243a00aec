"""Faults on real servers while clients work: nothing acknowledged may be lost, nothing doubled."""
