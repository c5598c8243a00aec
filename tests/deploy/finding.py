"""What a check has to say."""

from shared.kernel.records import record


@record
class Finding:
    """One thing that is not as it should be: which check says so, where, and what it is."""

    check: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.where}: {self.what}"
