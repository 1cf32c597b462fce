"""`docs/reference/parameters.md`: what a policy pack may hold, and what ships."""

from tools.reference.text import page, table

from jiesuan_domain.policy.model import Pack
from jiesuan_domain.policy.parameters import ALL
from jiesuan_services.runtime.packs import load_packs


def render() -> str:
    """Return the page."""
    packs = load_packs(None)
    shipped = [(name, packs.find(*name.split("-"))) for name in packs.ids()]
    rows = [
        (
            f"`{name}`",
            spec.zh,
            f"`{spec.unit}`",
            " ".join(f"`{by}`" for by in spec.by),
            " ".join(f"`{pack}`" for pack, one in shipped if one and _holds(one, name)),
        )
        for name, spec in ALL.items()
    ]
    return page(
        "Parameters of policy packs",
        "What each one does when it is missing, and how a value is written: "
        "[policy packs](../guides/policy-packs.md). What holds on a day, with article "
        "and quotation: `jiesuan policy show PACK --on DAY`.",
        table(("parameter", "中文", "unit", "by", "ships in"), rows),
    )


def _holds(pack: Pack, name: str) -> bool:
    return name in pack.parameters
