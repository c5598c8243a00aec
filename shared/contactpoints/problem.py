"""What is wrong with one field, without the value."""


class FieldProblem(ValueError):
    """A value is refused; `code` is stable, `detail` says what would be accepted."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
