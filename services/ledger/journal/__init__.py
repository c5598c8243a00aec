"""The journal: double-entry postings derived from account events."""
