"""Due work, as a value: what an event asks to be done later, or no longer."""

from datetime import datetime

from shared.kernel.records import record


@record
class Job:
    """Work due at an instant of the tenant's clock; `key` names it once within the tenant.

    `arguments` are ids and plain strings only: jobs never carry personal data.
    """

    key: str
    kind: str
    due_at: datetime
    arguments: dict[str, str] = {}


@record
class Cancel:
    """Withdraws the job of that key, if it has not been done."""

    key: str
