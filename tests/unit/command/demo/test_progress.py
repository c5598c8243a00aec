"""Where there is no terminal, progress is a line for every tenth."""

import io

from rich.console import Console

from services.command.demo.progress import bars


def test_a_log_gets_a_line_for_every_tenth_and_for_the_end() -> None:
    output = io.StringIO()
    with bars(Console(file=output)) as shown:
        with shown.part("Playing", 40) as bar:
            for done in range(1, 41):
                bar.at(done, f"{done} asked")
        shown.note("Recounting the logs")
    lines = output.getvalue().splitlines()
    assert lines[0] == "Playing: 10% 4 asked"
    assert lines[8] == "Playing: 90% 36 asked"
    assert lines[9:] == ["Playing: done", "Recounting the logs"]
