"""When a consumer may be contacted in the coming days, and what bars it in between."""
