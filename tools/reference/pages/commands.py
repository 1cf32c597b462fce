"""`docs/reference/commands.md`: what each command says of itself."""

from collections.abc import Iterator

import click
from tools.reference.text import page

from jiesuan_services.cli import main

WIDTH = 88


def render() -> str:
    """Return the page."""
    parts = [
        f"## jiesuan {name}\n\n```text\n{text}\n```" for name, text in _all(main, "")
    ]
    return page(
        "Commands",
        "Each explains itself with `--help`; those that print take `--json` (fen, wire "
        "names), without it they speak Chinese and yuan.",
        *parts,
    )


def _all(group: click.Group, before: str) -> Iterator[tuple[str, str]]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        whole = f"{before}{name}"
        if isinstance(command, click.Group):
            yield from _all(command, f"{whole} ")
            continue
        context = command.context_class(
            command,
            info_name=f"jiesuan {whole}",
            max_content_width=WIDTH,
            terminal_width=WIDTH,
        )
        yield whole, command.get_help(context).rstrip()
