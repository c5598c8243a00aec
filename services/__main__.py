"""The `forbear` command: `python -m services` and `.venv/bin/forbear` are the same."""

from services.command.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
