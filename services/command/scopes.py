"""Every scope that an API key can hold, in one place.

A test compares it with what the routes of the four services ask for: loading four services to
create a key would take seconds.
"""

SCOPES = (
    "accounts:read",
    "accounts:write",
    "attempts:read",
    "attempts:write",
    "audit:read",
    "consumers:read",
    "consumers:write",
    "creditors:read",
    "creditors:write",
    "disputes:read",
    "disputes:write",
    "licences:read",
    "licences:write",
    "payments:write",
    "permits:read",
    "permits:review",
    "permits:write",
    "placements:read",
    "placements:write",
    "plans:read",
    "plans:write",
    "replays:read",
    "replays:write",
    "rules:approve",
    "rules:read",
    "rules:write",
    "statements:write",
)
