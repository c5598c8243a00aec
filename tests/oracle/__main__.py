"""`python -m tests.oracle`: examines a live installation; exit code 1 if anything is wrong."""

import argparse
import asyncio
import os
import sys
from datetime import timedelta

from tests.oracle.examination import SERVICES, STALENESS
from tests.oracle.reading import examine


def main(arguments: list[str] | None = None) -> int:
    """Read the options and the environment, examine, and print the report."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.oracle",
        description="Recount every window, balance and hold from the event logs."
        " Databases come from FORBEAR_<SERVICE>_FEED_DATABASE_URL.",
    )
    parser.add_argument("--tenant", help="examine one tenant only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--staleness",
        type=float,
        default=STALENESS.total_seconds(),
        metavar="SECONDS",
        help="how long a stop may take to reach the gates (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    found = {each: os.environ.get(f"FORBEAR_{each.upper()}_FEED_DATABASE_URL") for each in SERVICES}
    urls = {service: url for service, url in found.items() if url}
    if missing := [each for each in SERVICES if each not in urls]:
        parser.error(f"no database URL for {', '.join(missing)}")
    staleness = timedelta(seconds=options.staleness)
    report = asyncio.run(examine(urls, options.tenant, staleness=staleness))
    sys.stdout.write((report.json() if options.json else report.text()) + "\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
