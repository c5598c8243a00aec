"""Writes what the services promise: `python -m tests.schemas [--release]`."""

import argparse
import sys

from tests.schemas import files


def main() -> int:
    """Write the files; with `--release`, freeze them too. What breaks a release is a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.schemas")
    parser.add_argument("--release", action="store_true", help="freeze what is promised now")
    asked = parser.parse_args()
    changed = files.write()
    found = files.broken()
    if asked.release and not found:
        changed += files.release()
    for path in changed:
        sys.stdout.write(f"  {path}\n")
    sys.stdout.write(f"{len(changed)} files changed\n")
    for each in found:
        sys.stderr.write(f"Breaks what was released: {each}\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
