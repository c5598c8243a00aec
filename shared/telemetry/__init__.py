"""Traces, metrics and logs. Nothing personal leaves here, and its failure changes no answer."""
