"""`jiesuan`, and `python -m jiesuan_services NAME`: one process of the stack.


The command `jiesuan up` starts these; a container starts them the same way.
"""

import sys
from signal import SIGINT


def main() -> None:
    """Run the command that the words name."""
    try:
        from jiesuan_services.cli import main as run
    except KeyboardInterrupt:
        # Half of a short command's time is its imports.
        sys.stderr.write("\n已中断。\n")
        sys.exit(128 + SIGINT)
    run()


if __name__ == "__main__":
    main()
