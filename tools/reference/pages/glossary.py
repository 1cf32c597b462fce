"""`docs/reference/glossary.md`: each word of ours, its wire name, its Chinese."""

from enum import Enum
from typing import Any, Final

from tools.reference.text import page, table

from jiesuan_events.words import codes
from jiesuan_events.words.glossary import WORDS

CODES: Final = (
    ("med_type", "CARE_TYPES"),
    ("insutype", "SCHEMES"),
    ("psn_type", "PERSON_CATEGORIES"),
    ("psn_insu_stas", "ENROLMENT_STATES"),
    ("fixmedins_type", "INSTITUTION_TYPES"),
    ("dedc_hosp_lv", "INSTITUTION_LEVELS"),
    ("tier", "TIERS"),
    ("filing_type", "FILING_TYPES"),
    ("pay_loc", "PAYMENT_PLACES"),
    ("chrgitm_lv", "ITEM_CLASSES"),
    ("hosp_appr_flag", "APPROVALS"),
    ("oinfno", "COMPENSABLE"),
)


def render() -> str:
    """Return the page."""
    words = [
        (f"`{word}`", f"`{wire}`", zh) for word, (wire, zh) in sorted(WORDS.items())
    ]
    return page(
        "Glossary",
        "Inside Python a thing has an English word; outside (Kafka, HTTP, SQL, CSV) it "
        "travels under the national standard's name, where there is one. A national "
        "name stands bare only if value, unit and code list are the standard's: the "
        "standard counts yuan, we count fen, so amounts end in `_fen`. A field whose "
        "word is not here fails at import.",
        table(("word", "on the wire", "中文"), words),
        "## Code lists",
        table(("field", "codes"), [(f"`{field}`", _codes(of)) for field, of in CODES]),
    )


def _codes(name: str) -> str:
    listed: Any = getattr(codes, name)
    return " · ".join(
        f"`{code.value if isinstance(code, Enum) else code}` {zh}"
        for code, zh in listed.items()
    )
