"""How proposals for prepayment accounts are shown: to a program, or line by line."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from jiesuan_events.words.codes import SCHEMES, with_name
from jiesuan_events.words.regions import called
from jiesuan_services.cli.console import print_json


def account_of(one: dict[str, Any]) -> str:
    """Return whose account a proposal is about, and of which year."""
    return (
        f"{one['year']}年 就医地{called(one['mdtrtarea_admvs'])} "
        f"参保地{called(one['insuplc_admdvs'])} "
        f"险种{with_name(one['insutype'], SCHEMES)}"
    )


def show(
    found: Sequence[dict[str, Any]],
    year: str,
    *,
    nothing: str,
    in_words: Callable[[dict[str, Any]], Iterable[str]],
    as_json: bool,
) -> None:
    """Print the proposals of a year, or what to say where there is none."""
    if as_json:
        print_json({"year": year, "proposals": found})
        return
    if not found:
        click.echo(nothing)
    for one in found:
        for line in in_words(one):
            click.echo(line)
