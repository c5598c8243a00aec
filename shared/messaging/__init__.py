"""Feeds of events between services, the subscriptions that act on them, and due jobs."""
