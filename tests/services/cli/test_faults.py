"""What the system refuses a command is said in one sentence, and leaves nothing."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click import UsageError
from click.testing import CliRunner

from jiesuan_services.cli import main
from jiesuan_services.cli.console import whole, write_whole
from jiesuan_services.cli.operators.gateway import secret_in
from jiesuan_services.gateway.serving.process import main as serve_counter
from jiesuan_services.reconciling.lines import FileFault
from jiesuan_services.reconciling.regions import read_export
from jiesuan_services.runtime.bootstrap import Misconfigured, read_settings

EXAMPLE = Path(__file__).parents[3] / "examples" / "first-day.jsonl"
AWAY = "postgresql://nobody@127.0.0.1:1/nothing"
NO_DATABASE = "连不上PostgreSQL：请用jiesuan up启动"
SETTINGS = read_settings({})


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond one byte, that of its output included."""
    had = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, had[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, had)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where a folder of a path is a file, the command says so and ends with 1."""
    (tmp_path / "file").touch()
    said = CliRunner().invoke(
        main,
        ["try", "--ledger", str(tmp_path / "file" / "out")],
        input=EXAMPLE.read_text(),
    )
    assert said.exit_code == 1
    assert said.stderr == f"错误：{tmp_path}/file：已存在，请另选一个路径\n"


def test_what_has_no_room_leaves_nothing(tmp_path: Path) -> None:
    """A file that cannot be written to its end is taken away, and is the one named."""
    out = tmp_path / "out"
    with pytest.raises(OSError, match="File too large") as caught, no_room():
        write_whole(out, b"two")
    assert (caught.value.filename, os.listdir(tmp_path)) == (str(out), [])


def test_what_ends_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    """Whoever is stopped while writing leaves the file as it was before."""
    out = tmp_path / "out"
    out.write_text("before")
    opened = whole(out)
    opened.__enter__().write(b"half")
    stopped = KeyboardInterrupt()
    assert not opened.__exit__(KeyboardInterrupt, stopped, None)
    assert (out.read_text(), os.listdir(tmp_path)) == ("before", ["out"])


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """What is no file of its own is written to, not replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "said")
    assert (os.read(reading, 9), pipe.is_fifo()) == (b"said", True)
    os.close(reading)


def test_an_export_of_other_bytes_is_refused(tmp_path: Path) -> None:
    """A file whose first line is no text is refused by its line."""
    other = tmp_path / "other.csv"
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileFault, match="第1行：不是UTF-8编码的CSV"):
        list(read_export(other))


def test_a_secret_of_other_bytes_is_refused(tmp_path: Path) -> None:
    """A file of a secret that is no text is named."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=f"{secret}不是UTF-8文本"):
        secret_in(secret)


def test_a_broker_that_is_away_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no broker answers, the command says so in Chinese, and what to do."""
    monkeypatch.setenv("JIESUAN_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("JIESUAN_PG", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SystemExit) as ended:
        main(["person", "P0001"])
    assert ended.value.code == 1
    assert capfd.readouterr().err == "错误：连不上Kafka：请用jiesuan up启动\n"


@pytest.mark.parametrize(
    ("words", "pg", "said"),
    [
        ("digests", AWAY, NO_DATABASE),
        ("identity erase P1 --reason x", AWAY, NO_DATABASE),
        ("gateway pause --until 2022-01-01T00:00:00Z --message x", AWAY, NO_DATABASE),
        ("person P1", AWAY, "连不上Kafka：请用jiesuan up启动"),
        ("digests", "no-address", "PostgreSQL没有办理（invalid DSN"),
    ],
)
def test_a_database_that_is_away_is_one_sentence(
    words: str, pg: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no PostgreSQL answers, the command says so in Chinese, and what to do."""
    monkeypatch.setenv("JIESUAN_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("JIESUAN_PG", pg)
    done = CliRunner().invoke(main, [*words.split(), "--data", str(tmp_path)])
    assert done.stderr.startswith(f"错误：{said}")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("address", ["abc", "0", "99999", "host:", "127.0.0.1:x"])
def test_what_is_no_port_is_one_sentence(address: str) -> None:
    """The counter serves on a port, and says which word is none."""
    with pytest.raises(Misconfigured, match=f"^{address}不是1至65535的端口"):
        serve_counter(SETTINGS, kafka="", pg="", address=address)


def test_a_port_that_is_taken_is_one_sentence() -> None:
    """Where another program serves, or nobody can, the counter says so and ends."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Misconfigured, match=f"{address}上服务：端口已被占用"):
            serve_counter(SETTINGS, kafka="", pg="", address=address)
    with pytest.raises(Misconfigured, match="服务：请核对主机和端口"):
        serve_counter(SETTINGS, kafka="", pg="", address="192.0.2.1:20000")


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_try_writes_the_same_bytes_in_every_locale(encoding: str) -> None:
    """Lines are UTF-8 whatever stdout is set to; pages are so where it takes ASCII."""
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    base = [sys.executable, "-m", "jiesuan_services", "try"]
    lines, page = (
        subprocess.run(
            [*base, *options],
            input=EXAMPLE.read_bytes(),
            env=env,
            capture_output=True,
            check=True,
        ).stdout
        for options in ((), ("--explain",))
    )
    assert lines == CliRunner().invoke(main, ["try"], EXAMPLE.read_bytes()).stdout_bytes
    assert "已登记" in page.decode("gbk" if encoding == "gbk" else "utf-8")
