"""The only reader of the environment: what processes are set to do."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jiesuan_domain.policy.model import Packs
from jiesuan_services.runtime.packs import load_packs

WHOLE_SECONDS: Final = re.compile(r"[1-9][0-9]{0,6}")
POSITIVE: Final = re.compile(r"0\.[1-9]|[1-9][0-9]{0,6}(\.[0-9])?")


class Misconfigured(RuntimeError):
    """A setting that cannot be used: which, and what to do."""


@dataclass(frozen=True, slots=True)
class CounterBounds:
    """How much a counter takes in; each by a setting of its own."""

    body_seconds: float = 30.0
    """A body that comes slower is no hospital's."""
    rate: float = 500.0
    """Messages a second of one institution, sustained: a hospital's peak is 20, and two
    cores serve about 1,000 in all."""
    burst: float = 5_000.0
    at_once: float = 128
    """Messages in work in one gateway; more wait nowhere, they are refused."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is set to do."""

    data: Path
    packs: Path | None
    kafka: str | None
    pg: str | None
    decider: int
    deciders: int
    vault_key: str | None = None
    vault_old_key: str | None = None
    gateway: str | None = None
    gateway_tls: tuple[str, str, str] | None = None
    gateway_bounds: CounterBounds = CounterBounds()
    seal_key: Path | None = None
    origin: str | None = None
    seal_every: int = 60
    witnesses: Path | None = None

    @property
    def writer(self) -> str:
        """Return the name of the process in the entries that it writes."""
        return f"{socket.gethostname()}-{os.getpid()}"


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; refuse to run without assertions."""
    if not __debug__:
        raise Misconfigured("金额守恒靠断言检查，请不要用-O运行")
    have = os.environ if env is None else env
    index, _, count = have.get("JIESUAN_DECIDER", "0/1").partition("/")
    if not (index.isdigit() and count.isdigit() and int(index) < int(count)):
        raise Misconfigured("JIESUAN_DECIDER应写作i/n且i小于n，如0/2")
    packs = have.get("JIESUAN_PACKS")
    every = have.get("JIESUAN_SEAL_EVERY", "60")
    if not WHOLE_SECONDS.fullmatch(every):
        raise Misconfigured(f"JIESUAN_SEAL_EVERY为{every}，封存间隔应为不小于1的整数秒")
    return Settings(
        data=Path(have.get("JIESUAN_DATA", ".jiesuan")).resolve(),
        packs=Path(packs) if packs else None,
        kafka=have.get("JIESUAN_KAFKA"),
        pg=have.get("JIESUAN_PG"),
        decider=int(index),
        deciders=int(count),
        vault_key=have.get("JIESUAN_VAULT_KEY"),
        vault_old_key=have.get("JIESUAN_VAULT_OLD_KEY"),
        gateway=have.get("JIESUAN_GATEWAY"),
        gateway_tls=_tls(have),
        gateway_bounds=_bounds(have),
        seal_key=_path(have.get("JIESUAN_SEAL_KEY")),
        origin=have.get("JIESUAN_ORIGIN") or None,
        seal_every=int(every),
        witnesses=_path(have.get("JIESUAN_WITNESSES")),
    )


def _tls(env: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Read certificate, key and authorities of the counter: all three, or none."""
    names = [f"JIESUAN_GATEWAY_{name}" for name in ("CERT", "KEY", "CA")]
    settings = [env.get(name, "") for name in names]
    if any(settings) and not all(settings):
        raise Misconfigured(f"{'、'.join(names)}要么都设，要么都不设")
    return (settings[0], settings[1], settings[2]) if all(settings) else None


def _bounds(env: Mapping[str, str]) -> CounterBounds:
    """Read the bounds of the counter that are set; the others are as shipped."""
    given: dict[str, float] = {}
    for one in fields(CounterBounds):
        name = f"JIESUAN_GATEWAY_{one.name.upper()}"
        text = env.get(name)
        if text is None:
            continue
        if not POSITIVE.fullmatch(text):
            raise Misconfigured(f"{name}为{text}，应为不小于0.1的数")
        given[one.name] = float(text)
    return CounterBounds(**given)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def environment_for(**settings: str) -> dict[str, str]:
    """Return a process that we start our environment, and these settings besides."""
    return {**os.environ, **settings}


def packs_of(settings: Settings) -> Packs:
    """Load the packs with the overlays that the environment names."""
    return load_packs(settings.packs)


def now() -> str:
    """Read the clock: the instant, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
