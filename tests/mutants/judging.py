"""Tests in one warmed process: each mutant is judged in a child that it forks.

Everything is imported and collected once, and every test runs once while the lines it
reaches in the law are recorded. For a mutant the process forks, the child puts the
changed code into the function and runs the tests that reached the changed statement,
the one that killed its neighbour first, then the quick ones, until one fails.
"""

import gc
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol
from tests.mutants.made import Mutant

KILLED, SURVIVED, UNTESTED, TIMED_OUT = "killed", "survived", "untested", "timed out"
LEAST_SECONDS: Final = 5.0
"""Of processor time, beside ten times what the tests take without a mutant."""
MEMORY: Final = 4 << 30
Reached = set[tuple[str, int]]


@dataclass
class Judging:
    """A pytest plugin that judges mutants in place of running the tests."""

    mutants: Sequence[Mutant]
    judged: Callable[[Mutant, str, str], None]
    """Is told each mutant, its verdict, and the test that killed it."""
    until: float
    """The moment (of the monotonic clock) after which no mutant is begun."""
    record: Path
    """Where it is written which lines each test reaches, and its seconds."""
    files: frozenset[str]
    """The modules that are mutated: of them the lines are recorded."""
    longest: float
    """Tests that take more seconds (recorded) do not judge."""
    _reached: dict[str, Reached] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _killers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def pytest_configure(self) -> None:
        """Let properties stop at any failing example: nobody reads the smallest."""
        from hypothesis import Phase, settings  # not before pytest looks at it

        quick = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", phases=quick, database=None)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Record once, then judge one by one."""
        if session.testsfailed:
            raise pytest.UsageError("the tests cannot be collected")
        self._record(session.items)
        by_name = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            if time.monotonic() > self.until:
                break
            names = self._tests_of(mutant)
            verdict, killer = self._judge(mutant, [by_name[one] for one in names])
            if killer:
                killers = self._killers[mutant.function]
                killers[:] = [killer, *(one for one in killers if one != killer)]
            self.judged(mutant, verdict, killer)
        return True

    def _record(self, items: Sequence[pytest.Item]) -> None:
        """Run every test without a mutant that was not recorded; all must pass."""
        if self.record.exists():
            for name, (seconds, seen) in json.loads(self.record.read_text()).items():
                self._seconds[name] = seconds
                self._reached[name] = {(file, line) for file, line in seen}
        new = [one for one in items if one.nodeid not in self._reached] or items[:1]
        for item, after in zip(new, [*new[1:], None], strict=True):
            reached: Reached = set()
            begun = time.process_time()
            sys.settrace(_tracer(self.files, reached))
            try:
                reports = runtestprotocol(item, log=False, nextitem=after)
            finally:
                sys.settrace(None)
            if any(one.failed for one in reports):
                raise pytest.UsageError(f"{item.nodeid} fails without a mutant")
            self._seconds[item.nodeid] = time.process_time() - begun
            self._reached[item.nodeid] = reached
        names = {one.nodeid for one in items}
        self._reached = {one: self._reached[one] for one in names}
        kept = {one: (self._seconds[one], sorted(self._reached[one])) for one in names}
        self.record.write_text(json.dumps(kept))

    def _tests_of(self, mutant: Mutant) -> list[str]:
        places = {(mutant.file, line) for line in mutant.lines}
        names = [
            name
            for name, seen in self._reached.items()
            if seen & places and self._seconds[name] <= self.longest
        ]
        killers = self._killers[mutant.function]

        def rank(name: str) -> tuple[int, float]:
            late = killers.index(name) if name in killers else len(killers)
            return late, self._seconds[name]

        return sorted(names, key=rank)

    def _judge(self, mutant: Mutant, items: Sequence[pytest.Item]) -> tuple[str, str]:
        """Return the verdict and the name of the test that killed."""
        if not items:
            return UNTESTED, ""
        limit = LEAST_SECONDS + 10 * sum(self._seconds[one.nodeid] for one in items)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            _live(mutant, items, tell=write, limit=limit)
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as told:
            killer = told.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == -signal.SIGPROF:
            return TIMED_OUT, killer
        return (SURVIVED, "") if status == 0 else (KILLED, killer)


def _live(
    mutant: Mutant, items: Sequence[pytest.Item], *, tell: int, limit: float
) -> None:
    """Run the tests on the mutant, in the child; end it."""
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.setitimer(signal.ITIMER_PROF, limit)
        mutant.put_in()
        name = _killer(items)
        os.write(tell, name.encode())
        status = int(bool(name))
    finally:
        os._exit(status)


def _killer(items: Sequence[pytest.Item]) -> str:
    """Return the first test that fails, or nothing."""
    for item, after in zip(items, [*items[1:], None], strict=True):
        reports = runtestprotocol(item, log=False, nextitem=after)
        if any(one.failed for one in reports):
            return item.nodeid
    return ""


def _tracer(files: frozenset[str], reached: Reached) -> Callable[..., Any]:
    """Return a tracer that notes the lines of these files."""

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename in files:
            reached.add((frame.f_code.co_filename, frame.f_lineno))
            return line
        return None

    return call
