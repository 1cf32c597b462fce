"""Until every process of the stack serves, or which does not and why."""

import time
from typing import Final

from jiesuan_services.supervisor.stack import Stack, workers
from jiesuan_services.supervisor.status import SILENT_SO_FAR, STANDS, processes

SERVE_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.2
REFUSALS: Final = ("refused", "not sealing")
"""What only somebody's doing mends."""


def not_serving(stack: Stack, *, seconds: float = SERVE_SECONDS) -> dict[str, str]:
    """Wait until all processes serve; return those that do not in time, and why."""
    names = [one.name for one in workers(stack, stack.servers())]
    until = time.monotonic() + seconds
    while True:
        said = processes(stack.settings.data)
        late: dict[str, str] = {}
        for name in names:
            one = said.setdefault(name, dict(SILENT_SO_FAR))
            if one["state"] in STANDS:
                error = one.get("error") or one.get("last_error")
                late[name] = STANDS[one["state"]] + (f"：{error}" if error else "")
        # Who refuses will not serve however long one waits; the others still may.
        are_refused = all(said[name]["state"] in REFUSALS for name in late)
        if are_refused or time.monotonic() > until:
            return late
        time.sleep(POLL_SECONDS)
