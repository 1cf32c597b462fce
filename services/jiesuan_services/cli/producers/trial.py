"""`jiesuan try`: requests on stdin, answers on stdout."""

import sys
from pathlib import Path

import click


@click.command(name="try")
@click.option(
    "--packs",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of overlays (*.yaml) merged over the shipped policy packs.",
)
@click.option("--state", is_flag=True, help="Add a last line per person: its state.")
@click.option(
    "--clearing-state",
    is_flag=True,
    help="Add the rows of settlements and clearing, one line each.",
)
@click.option("--json", "as_json", is_flag=True, help="Answers are JSON lines anyway.")
def try_command(
    packs: Path | None, state: bool, clearing_state: bool, as_json: bool
) -> None:
    """Decide requests in memory, in file order: no broker, no clock.

    Requests about persons and about clearing months may stand in one file.

    Reads JSON lines (CloudEvents) from stdin and writes one answer a line.
    """
    from jiesuan_services.clerk.trial import Trial
    from jiesuan_services.runtime.packs import load_packs

    trial = Trial(load_packs(packs))
    lines = (raw.decode("utf-8", "surrogateescape") for raw in sys.stdin.buffer)
    for answer in trial.answers(lines):
        sys.stdout.write(answer + "\n")
    if state:
        for line in trial.states():
            sys.stdout.write(line + "\n")
    if clearing_state:
        for line in trial.clearing_views():
            sys.stdout.write(line + "\n")
