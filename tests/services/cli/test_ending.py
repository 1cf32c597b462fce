"""How commands end: their output cannot be written, or they are told to stop."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from jiesuan_services.cli.ending import stopped

EXAMPLE = Path(__file__).parents[3] / "examples" / "first-day.jsonl"
COMMANDS = (
    "try",
    "try --explain",
    "policy show 429900-310 --on 2022-05-01",
    "policy check",
    "--help",
    "due --help",
)
FULL = "错误：磁盘已满，请腾出空间后重试\n"
CLOSED = "错误：标准输出已关闭，结果无处可写：请写到文件或管道\n"


def run(shell: str, words: str) -> tuple[int, str]:
    """Run a command as a shell does, stdout buffered; return exit code and stderr."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    python = f"{sys.executable} -m jiesuan_services {words}"
    done = subprocess.run(
        ["bash", "-c", shell.format(python), "bash", EXAMPLE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def ended(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of who was told to stop; who goes on is ended, and fails."""
    try:
        return process.wait(20)
    finally:
        process.kill()


@pytest.mark.parametrize("words", COMMANDS)
def test_a_closed_stdout_is_one_sentence(words: str) -> None:
    """Where stdout is closed, a command says so, does nothing and exits with 1."""
    assert run('{} < "$1" >&-', words) == (1, CLOSED)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_full_disk_is_one_sentence(words: str) -> None:
    """Output that cannot be written is one sentence, however late that is noticed."""
    assert run('{} < "$1" > /dev/full', words) == (1, FULL)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_reader_that_has_read_enough_ends_a_command_in_silence(words: str) -> None:
    """Nothing is said into a pipe that nobody reads, and the exit code is 1."""
    shell = '{} < "$1" | true; exit "${{PIPESTATUS[0]}}"'
    assert run(shell, words) == (1, "")


def test_a_closed_stdin_is_empty() -> None:
    """Where stdin is closed, there is nothing to be answered."""
    assert run("{} <&-", "try") == (0, "")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("told", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_command_that_is_told_to_stop_says_so(
    told: signal.Signals, code: int
) -> None:
    """Ctrl-C and SIGTERM end a command with a word, and with the shell's exit code."""
    asked = EXAMPLE.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "jiesuan_services", "try"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(asked)
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(told)
        assert ended(process) == code
        assert process.stderr.read().decode() == "\n已中断。\n"


def test_a_command_in_a_thread_leaves_the_signals_of_its_program() -> None:
    """A program that runs commands in threads goes on ending as it has chosen."""
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with stopped(by_sigterm=True):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_not_lost_on_what_is_awaited(told: signal.Signals) -> None:
    """A command that awaits what outlives a cancellation is stopped all the same."""

    async def deaf() -> None:
        os.kill(os.getpid(), told)
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(1)

    with pytest.raises(SystemExit) as left, stopped(by_sigterm=True):
        asyncio.run(deaf())
    assert left.value.code == 128 + told


@pytest.mark.usefixtures("interruptible")
def test_a_command_that_is_stopped_while_it_is_read_says_so() -> None:
    """Ctrl-C as soon as a command is typed is no traceback either."""
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "jiesuan_services", "--help"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"pydantic_core" in line:
                break
        process.send_signal(signal.SIGINT)
        code = ended(process)
        rest = process.stderr.read().decode()
        assert (code, "Traceback" in rest) == (130, False)
        assert "\n已中断。\n" in rest
