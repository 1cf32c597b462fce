"""`jiesuan policy check | show | diff`: the packs, for the clerk who keeps them."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from jiesuan_services.cli.options import json_option


def _packs(folder: Path | None) -> Any:
    from jiesuan_services.runtime.packs import load_packs

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
    type=click.Path(path_type=Path),
    help="政策包的覆盖目录（*.yaml），叠加在自带的政策包上。",
)


@click.group(help="查看政策包：核对、列示、比较。")
def policy() -> None:
    """Look at the policy packs: check, show, diff."""


@policy.command(
    help=(
        "逐日核对取值、逐句核对引文；发现问题，退出码为1。"
        "\n\n"
        "覆盖目录中的*.txt是以其文件名为名的文件原文。"
    ),
)
@click.argument("ids", metavar="[PACK]...", nargs=-1)
@packs_option
@json_option
def check(ids: tuple[str, ...], packs: Path | None, as_json: bool) -> None:
    """Check every day and every quotation; exits with 1 if anything is found.

    A *.txt in the folder of overlays is the text of the notice that it is named after.
    """
    from jiesuan_domain.policy.check import check as check_pack
    from jiesuan_domain.policy.model import NATIONAL
    from jiesuan_services.runtime.packs import stored_notices

    loaded = _packs(packs)
    notices = stored_notices(packs)
    chosen = [_find(loaded, id_) for id_ in ids or (*loaded.ids(), NATIONAL)]
    findings = [one for pack in chosen for one in check_pack(pack, notices)]
    if as_json:
        _print_json(
            [
                {"pack": one.pack, "parameter": one.parameter, "what": one.what}
                for one in findings
            ]
        )
    else:
        for one in findings:
            click.echo(f"{one.pack} {one.parameter}: {one.what}")
        click.echo(f"{len(chosen)}个政策包，{len(findings)}处问题")
    if findings:
        raise SystemExit(1)


@policy.command(help="列出政策包（或YAML文件）某日的全部取值及出处。")
@click.argument("id_", metavar="PACK")
@click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="日期，YYYY-MM-DD。"
)
@packs_option
@json_option
def show(id_: str, on: datetime, packs: Path | None, as_json: bool) -> None:
    """Show what a pack (or a YAML file) says for a day, each value with its source."""
    from jiesuan_domain.policy.telling.show import show as render
    from jiesuan_domain.policy.telling.show import shown

    pack = _named(id_, packs)
    if as_json:
        _print_json(shown(pack, on.date()))
        return
    for line in render(pack, on.date()):
        click.echo(line)


@policy.command(help="用文字说明两个政策包（名称或YAML文件）有何不同。")
@click.argument("a")
@click.argument("b")
@packs_option
@json_option
def diff(a: str, b: str, packs: Path | None, as_json: bool) -> None:
    """Say in Chinese prose what differs between two packs (ids or YAML files)."""
    from jiesuan_domain.policy.telling import diff as difference

    one_pack, other = _named(a, packs), _named(b, packs)
    found = difference.differences(one_pack, other)
    reworded = difference.reworded(one_pack, other)
    if as_json:
        _print_json(_as_data(found, reworded))
        return
    for line in [
        *map(difference.sentence, found),
        *map(difference.rewording, reworded),
    ]:
        click.echo(line)
    if not found and not reworded:
        click.echo("没有差别")


def _as_data(found: Sequence[Any], reworded: Sequence[Any]) -> list[dict[str, Any]]:
    from jiesuan_domain.policy.telling.diff import rewording, sentence
    from jiesuan_domain.policy.telling.show import as_data

    values = [
        {
            "parameter": one.parameter,
            "zh": sentence(one),
            "from": one.begin.isoformat(),
            "until": None if one.last is None else one.last.isoformat(),
            "old": as_data(one.old, one.unit),
            "new": as_data(one.new, one.unit),
        }
        for one in found
    ]
    words = [
        {
            "parameter": f"sentences.{one.rule}",
            "zh": rewording(one),
            "from": None,
            "until": None,
            "old": one.old,
            "new": one.new,
        }
        for one in reworded
    ]
    return values + words


def _named(name: str, packs: Path | None) -> Any:
    from jiesuan_services.runtime.packs import pack_in

    path = Path(name)
    if path.suffix == ".yaml":
        return pack_in(path, packs)
    return _find(_packs(packs), name)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False))
