"""Every event of contact: its catalogue. What is stored is what others read."""

from services.contact.attempts.domain import events as attempts
from services.contact.profiles.domain import events as profiles

EVENTS: tuple[type, ...] = (*profiles.EVENTS, *attempts.EVENTS)
