"""Every event of disputes: its catalogue. What is stored is what others read."""

from services.disputes.disputes.domain import events

EVENTS: tuple[type, ...] = events.EVENTS
