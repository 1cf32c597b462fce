"""The bulletin of a month or quarter: the same figures as HTML and as XLSX."""

import sys
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO, Any, Final, NamedTuple
from xml.etree.ElementTree import Element, tostring

_WIDE: Final = 720
_BAR: Final = 28
_AROUND: Final = 90
"""Height of a plot beside its bars: title and axis."""
_MOST_BARS: Final = 15
RATIOS: Final = ("growth", "fund_share", "direct_share", "used_ratio")
"""Columns in ten-thousandths."""
_STYLE: Final = """
body{font:16px/1.7 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}
"""


class Section(NamedTuple):
    """A table of the bulletin: columns by name and heading, and where it comes from."""

    name: str
    title: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[dict[str, Any]]
    source: str
    """The export that holds the rows which the figures are made of."""
    plotted: tuple[str, str] | None = None
    """The columns of a plot: what a bar is called, how long it is."""


def as_html(title: str, sections: Iterable[Section]) -> str:
    """Return the bulletin as one page, amounts in yuan."""
    body = "\n".join(map(_section, sections))
    return (
        '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</html>\n"
    )


def _section(one: Section) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for _, heading in one.columns)
    rows = "\n".join(
        f"<tr>{''.join(_cell(name, row[name]) for name, _ in one.columns)}</tr>"
        for row in one.rows
    )
    table = f"<table><tr>{head}</tr>\n{rows}</table>" if rows else "<p>无。</p>"
    source = f"<p>明细：{escape(one.source)}</p>"
    return f"<h2>{escape(one.title)}</h2>\n{_plot(one)}{table}\n{source}"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "<td></td>"
    if name.endswith("_fen"):
        return f'<td class="n">{_yuan(value)}</td>'
    if name in RATIOS:
        return f'<td class="n">{_percent(value)}</td>'
    return f"<td>{escape(str(value))}</td>"


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def _percent(ratio: int) -> str:
    """Write ten-thousandths as a percentage.

    >>> _percent(-1234), _percent(5)
    ('-12.34%', '0.05%')
    """
    sign = "-" if ratio < 0 else ""
    return f"{sign}{abs(ratio) // 100}.{abs(ratio) % 100:02}%"


def as_json_rows(sections: Iterable[Section]) -> dict[str, list[dict[str, Any]]]:
    """Return every section's rows by its name: fen, and ratios in ten-thousandths."""
    return {one.name: list(one.rows) for one in sections}


def _plot(one: Section) -> str:
    """Draw the longest bars, in yuan; what is not positive has none."""
    import pygal
    from pygal.style import Style

    # Its finder of plug-ins is of an old kind, at which every later import stumbles.
    sys.meta_path[:] = [
        one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)
    ]

    if one.plotted is None:
        return ""
    name, size = one.plotted
    rows = [row for row in one.rows if row[size] > 0]
    rows = sorted(rows, key=lambda row: -row[size])[:_MOST_BARS]
    if not rows:
        return ""
    heading = dict(one.columns)[size]
    chart = pygal.HorizontalBar(
        js=(),
        show_legend=False,
        explicit_size=True,
        width=_WIDE,
        height=_BAR * len(rows) + _AROUND,
        title=f"{one.title} · {heading}",
        style=Style(font_family="sans-serif", background="transparent"),
        value_formatter=lambda yuan: f"{yuan:,.2f}",
    )
    chart.uuid = one.name
    chart.x_labels = [str(row[name]) for row in reversed(rows)]
    chart.add(heading, [row[size] / 100 for row in reversed(rows)])
    return f"{_still(chart.render_tree())}\n"


def _still(drawn: Element) -> str:
    """Write a drawing without scripts and remarks: a page is sent round and kept."""
    for parent in list(drawn.iter()):
        for child in list(parent):
            is_element = isinstance(child.tag, str)
            if not is_element or child.tag.endswith("script"):
                parent.remove(child)
    return tostring(drawn, encoding="unicode")


def write_xlsx(file: IO[bytes], title: str, *, sections: Iterable[Section]) -> None:
    """Write the bulletin as a workbook: a sheet a section, with its plot."""
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        money = book.add_format({"num_format": "#,##0.00"})
        share = book.add_format({"num_format": "0.00%"})
        for section in sections:
            sheet = book.add_worksheet(section.title)
            sheet.write_string(0, 0, f"{title} · {section.title}")
            sheet.write_string(1, 0, f"明细：{section.source}")
            _fill(sheet, section, money=money, share=share)
            _chart(book, sheet, section=section)


def _fill(sheet: Any, section: Section, *, money: Any, share: Any) -> None:
    for column, (name, heading) in enumerate(section.columns):
        sheet.write_string(3, column, heading)
        for at, row in enumerate(section.rows, start=4):
            value = row[name]
            if value is None:
                continue
            if name.endswith("_fen"):
                sheet.write_number(at, column, value / 100, money)
            elif name in RATIOS:
                sheet.write_number(at, column, value / 10_000, share)
            elif isinstance(value, str):
                sheet.write_string(at, column, value)
            else:
                sheet.write_number(at, column, value)


def _chart(book: Any, sheet: Any, *, section: Section) -> None:
    if section.plotted is None or not section.rows:
        return
    names = [name for name, _ in section.columns]
    label, size = map(names.index, section.plotted)
    last = 3 + min(len(section.rows), _MOST_BARS)
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": section.columns[size][1],
            "categories": [section.title, 4, label, last, label],
            "values": [section.title, 4, size, last, size],
        }
    )
    chart.set_title({"name": section.title})
    sheet.insert_chart(3, len(names) + 1, chart)
