"""The report as PDF: made by what is here, or a sentence that says what to install."""

import sys
from typing import Any

import pytest

from jiesuan_services.audit.what_if.again import Scope
from jiesuan_services.audit.what_if.printed import NoPrinter, printer
from jiesuan_services.audit.what_if.report import WhatIfReport

RAISED = """
  outpatient_deductible: {unit: fen, values: [{from: 2022-01-01, value: 60000,
    BECAUSE}, {until: 2022-12-31}]}
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # WeasyPrint's own.
async def test_the_report_is_printed(
    two_towns: Any, asked: Any, packs_with: Any
) -> None:
    """Where WeasyPrint or a browser is, the report becomes a PDF of a page or more."""
    try:
        make = printer()
    except NoPrinter as why:
        pytest.skip(str(why))
    *lines, last = await asked(two_towns, packs_with(RAISED))
    report = WhatIfReport("draft", scope=Scope())
    for line in lines:
        report.take(line)
    made = make(report.html(last["total"]))
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")


def test_without_either_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Where neither is, the refusal names both and the way round."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPrinter, match=r"WeasyPrint.*Chromium.*--html"):
        printer()
