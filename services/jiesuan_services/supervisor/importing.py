"""Servers for an import: started, marked while half a ledger lies there, stopped."""

import shutil
from types import TracebackType

from jiesuan_embedded import Machine, Servers
from jiesuan_services.runtime.bootstrap import Misconfigured, Settings
from jiesuan_services.supervisor.stack import IMPORTING, Stack


class Importing:
    """A data directory, or servers that are given, into which a ledger is imported."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self._stack = Stack(settings, 1)
        self._is_new = not self._data.exists() or not any(self._data.iterdir())

    def __enter__(self) -> "Importing":
        if self._stack.supervisor.pid is not None:
            raise Misconfigured(
                f"{self._data} 中有账本正在运行：请为导入另选一个数据目录（--data）"
            )
        if self._stack.given is None:
            Machine(self._data).start()
        return self

    @property
    def servers(self) -> Servers:
        """Where the servers are."""
        return self._stack.servers()

    def begin(self) -> None:
        """Mark the data directory: until the end half a ledger lies here."""
        (self._data / IMPORTING).touch()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what was started; a data directory that was new is new again."""
        if self._stack.given is None:
            Machine(self._data).stop()
        if kind is None:
            (self._data / IMPORTING).unlink()
        elif self._is_new and self._stack.given is None:
            shutil.rmtree(self._data)
