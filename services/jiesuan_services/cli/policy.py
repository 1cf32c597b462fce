"""`jiesuan policy check | show | diff`: the packs, for the clerk who keeps them."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from jiesuan_services.cli.options import json_option


def _packs(folder: Path | None) -> Any:
    from jiesuan_services.packs import load_packs

    return load_packs(folder)


def _find(packs: Any, id_: str) -> Any:
    region, _, scheme = id_.partition("-")
    pack = packs.find(region, scheme)
    if pack is None:
        known = "、".join(packs.ids())
        raise click.ClickException(f"没有政策包{id_}，现有：{known}")
    return pack


packs_option = click.option(
    "--packs",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of overlays merged over the shipped packs.",
)


@click.group()
def policy() -> None:
    """Look at the policy packs: check, show, diff."""


@policy.command()
@click.argument("ids", nargs=-1)
@packs_option
@json_option
def check(ids: tuple[str, ...], packs: Path | None, as_json: bool) -> None:
    """Check every day and every quotation; exits with 1 if anything is found."""
    from jiesuan_domain.policy.check import check as check_pack
    from jiesuan_services.packs import shipped_texts

    loaded = _packs(packs)
    notices = shipped_texts("notices", ".txt")
    chosen = [_find(loaded, id_) for id_ in ids or loaded.ids()]
    findings = [one for pack in chosen for one in check_pack(pack, notices)]
    if as_json:
        click.echo(
            json.dumps(
                [
                    {"pack": one.pack, "parameter": one.parameter, "what": one.what}
                    for one in findings
                ],
                ensure_ascii=False,
            )
        )
    else:
        for one in findings:
            click.echo(f"{one.pack} {one.parameter}: {one.what}")
        click.echo(f"{len(chosen)}个政策包，{len(findings)}处问题")
    if findings:
        raise SystemExit(1)


@policy.command()
@click.argument("id_", metavar="PACK")
@click.option("--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A day.")
@packs_option
@json_option
def show(id_: str, on: datetime, packs: Path | None, as_json: bool) -> None:
    """Show what a pack says for a day, each value with its source."""
    from jiesuan_domain.policy.show import show as render

    day: date = on.date()
    lines = list(render(_find(_packs(packs), id_), day))
    _print(lines, as_json=as_json)


@policy.command()
@click.argument("a")
@click.argument("b")
@packs_option
@json_option
def diff(a: str, b: str, packs: Path | None, as_json: bool) -> None:
    """Say in Chinese prose what differs between two packs (ids or YAML files)."""
    from jiesuan_domain.policy.show import diff as compare

    loaded = _packs(packs)
    lines = list(compare(_named(a, loaded), _named(b, loaded)))
    _print(lines or ["没有差别"], as_json=as_json)


def _named(name: str, loaded: Any) -> Any:
    from jiesuan_domain.policy.loader import parse_pack

    path = Path(name)
    if path.suffix == ".yaml" and path.exists():
        return parse_pack(path.read_text(encoding="utf-8"), name)
    return _find(loaded, name)


def _print(lines: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)
