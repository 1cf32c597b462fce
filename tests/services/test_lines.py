"""Lines longer than are read: answered once each, and never held in memory."""

import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner

from jiesuan_services.cli import main
from jiesuan_services.cli.producers.submit import read_requests
from jiesuan_services.intake.lines import lines_of
from jiesuan_services.intake.read import MAX_LINE_BYTES

REQUEST = (
    (Path(__file__).parents[2] / "examples" / "first-day.jsonl")
    .read_bytes()
    .splitlines()[0]
)
MIB = 1_024 * 1_024
LIMITED = f'ulimit -d {256 * 1_024}; exec "$@"'
ENDLESS_MIB = 350


def answers(text: bytes) -> list[tuple[str, int | None, str | None]]:
    """Ask `try`: outcome, number of the line, and what is wrong with it."""
    done = CliRunner().invoke(main, ["try"], text)
    assert done.exit_code == 0
    found = []
    for line in done.stdout_bytes.splitlines():
        data = json.loads(line)["data"]
        details = data.get("refusals", [{"details": {}}])[0]["details"]
        found.append((data["outcome"], details.get("line"), details.get("reason")))
    return found


def test_a_line_as_long_as_is_read_is_answered_as_ever() -> None:
    """White space fills a request up to the bound, which counts the line's end."""
    fill = b" " * (MAX_LINE_BYTES - len(REQUEST) - 1)
    longest = REQUEST[:-1] + fill + b"}\n"
    assert len(longest) == MAX_LINE_BYTES
    beyond = REQUEST[:-1] + fill + b" }\n"
    too_long = f"longer than {MAX_LINE_BYTES} bytes"
    assert answers(longest + beyond + REQUEST) == [
        ("recorded", None, None),
        ("refused", 2, too_long),
        ("recorded", None, None),
    ]


@pytest.mark.parametrize("length", [MAX_LINE_BYTES, 2 * MAX_LINE_BYTES])
def test_a_line_is_blank_however_long_it_is(length: int) -> None:
    """White space alone is passed over; what stands behind it makes it a line."""
    blank = b" " * length
    said = answers(blank + b"\n" + blank + b"x\n" + REQUEST)
    assert [one[:2] for one in said] == [("refused", 2), ("recorded", None)]


def test_try_and_submit_say_the_same_of_a_line_that_is_too_long() -> None:
    """Such a line is answered before anything is sent, by its number."""
    text = b"\n" + b"[" * (MAX_LINE_BYTES + 1) + b"\n" + REQUEST
    answered, messages = read_requests(lines_of(io.BytesIO(text)))
    said = CliRunner().invoke(main, ["try"], text).stdout.splitlines()
    assert answered == {2: said[0]}
    assert messages == [(3, json.loads(REQUEST))]


def test_a_line_that_does_not_end_takes_bounded_memory() -> None:
    """Beyond all the memory there is, a line is refused and the next one answered."""
    process = subprocess.Popen(
        ["sh", "-c", LIMITED, "sh", sys.executable, "-m", "jiesuan_services", "try"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    writing = threading.Thread(target=write_endless, args=[process.stdin])
    writing.start()
    said = process.stdout.read()
    writing.join()
    process.stdout.close()
    process.wait()
    outcomes = [json.loads(line)["data"]["outcome"] for line in said.splitlines()]
    assert (process.returncode, outcomes) == (0, ["refused", "recorded"])


def write_endless(to: IO[bytes]) -> None:
    """Write a line that is longer than the memory, and a request after it."""
    with to:
        for _ in range(ENDLESS_MIB):
            to.write(b"\0" * MIB)
        to.write(b"\n" + REQUEST)
