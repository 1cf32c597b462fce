"""The report as PDF, by what is at hand: WeasyPrint, or a browser that prints."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
PRINT_SECONDS: Final = 120
Printer = Callable[[str], bytes]
"""Makes a PDF of a page of HTML."""


class NoPrinter(RuntimeError):
    """Nothing here makes a PDF: what to install."""


def printer() -> Printer:
    """Return what makes a PDF here, or raise NoPrinter saying what to install."""
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError):
        # OSError: it is installed, the library that sets its text is not.
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        if found is None:
            raise NoPrinter(
                "这台机器上没有能生成PDF的程序：请安装WeasyPrint（pip install "
                "weasyprint，另需系统的Pango）或Chromium（apt install chromium），"
                "并装有中文字体（如fonts-noto-cjk）；也可用--html写出报告，"
                "在任何浏览器里打印"
            ) from None
        return partial(_by_browser, found)

    def by_weasyprint(page: str) -> bytes:
        made: bytes = weasyprint.HTML(string=page).write_pdf()
        return made

    return by_weasyprint


def _by_browser(browser: str, page: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="jiesuan-pdf-") as name:
        folder = Path(name)
        html, pdf = folder / "report.html", folder / "report.pdf"
        html.write_text(page, "utf-8")
        done = subprocess.run(
            [
                browser,
                "--headless",
                "--disable-gpu",
                "--no-pdf-header-footer",
                f"--user-data-dir={folder / 'profile'}",
                # A browser of root's refuses its sandbox; the page is our own.
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                f"--print-to-pdf={pdf}",
                html.as_uri(),
            ],
            capture_output=True,
            timeout=PRINT_SECONDS,
            check=False,
        )
        if not pdf.exists():
            said = done.stderr.decode("utf-8", "replace").strip()[-200:]
            raise NoPrinter(f"{browser} 没有写出PDF：{said}；请改用--html，再打印")
        return pdf.read_bytes()
