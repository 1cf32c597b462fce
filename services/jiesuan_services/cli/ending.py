"""How a command ends: what a user can mend is a sentence, and stdout is written."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, Final

import click

from jiesuan_domain.policy.loader import PackError
from jiesuan_services.cli.faults import (
    broker_sentence_of,
    database_sentence_of,
    sentence_of,
)
from jiesuan_services.cli.usage import Mended, in_chinese

OURS: Final = "jiesuan_"
"""Whose RuntimeErrors say what to do."""
BROKER: Final = "aiokafka.errors"
"""Whose RuntimeErrors say what a broker did, in English."""
DATABASE: Final = "asyncpg."
"""Whose exceptions say what a database did, in English."""
BY_SIGNAL: Final = 128
"""What a shell adds to the signal that ended a command."""


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what a user can mend into a plain sentence, and write out what was said."""
    try:
        with _written():
            yield
    except click.UsageError as wrong:
        raise in_chinese(wrong) from wrong
    except click.ClickException as wrong:
        raise Mended(wrong.format_message()) from wrong
    except PackError as wrong:
        raise Mended(str(wrong)) from wrong
    except RuntimeError as wrong:
        place = type(wrong).__module__
        if place == BROKER:
            raise Mended(broker_sentence_of(wrong)) from wrong
        if not place.startswith(OURS):
            raise
        raise Mended(str(wrong)) from wrong
    except OSError as wrong:
        said = sentence_of(wrong)
        if said is None:
            raise
        raise Mended(said) from wrong
    except Exception as wrong:
        if not type(wrong).__module__.startswith(DATABASE):
            raise
        raise Mended(database_sentence_of(wrong)) from wrong


@contextmanager
def _written() -> Iterator[None]:
    """Write out what a command said, before Python does it and shows how it failed."""
    if sys.stdout is None:
        raise Mended("标准输出已关闭，结果无处可写：请写到文件或管道")
    try:
        yield
    except BaseException:
        with suppress(OSError):
            _flush()
        raise
    _flush()


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        # What is still to be written is written nowhere: Python will try again.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise


@contextmanager
def stopped(*, by_sigterm: bool) -> Iterator[None]:
    """Say that a command was stopped; let SIGTERM end it as Ctrl-C does, if asked to.

    So what is half done is taken away.
    """
    by = [signal.SIGINT]

    def end(number: int, frame: FrameType | None) -> None:
        # Raised at once: `asyncio.run` would cancel what it runs, and `wait_for` of
        # Python 3.11 loses that where its result has come. An `up` went on serving.
        by.append(signal.Signals(number))
        raise KeyboardInterrupt

    before = _handled(end) if by_sigterm else {}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\n已中断。", err=True)
        raise SystemExit(BY_SIGNAL + by[-1]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handled(end: Callable[[int, FrameType | None], None]) -> dict[signal.Signals, Any]:
    """Let signals end a command; return what they did before.

    A program that runs a command in a thread keeps its signals to itself, and a shell
    lets what it runs in the background ignore Ctrl-C.
    """
    if current_thread() is not main_thread():
        return {}
    return {
        number: signal.signal(number, end)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
