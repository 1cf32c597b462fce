"""The names of chronic diseases: 50号附件1, and what the packs list besides."""

from typing import Final

NAMES: Final = {
    "M03900": "高血压",
    "M01600": "糖尿病",
    "M00500": "恶性肿瘤门诊治疗",
    "M07801": "慢性肾功能衰竭透析",
    "M08301": "肾移植抗排异治疗",
    "M08302": "骨髓移植抗排异治疗",
    "M08303": "心移植抗排异治疗",
    "M08304": "肝移植抗排异治疗",
    "M08305": "肺移植抗排异治疗",
    "M08306": "肝肾移植抗排异治疗",
    "M02101": "重性精神病人药物维持治疗",
    "M00105": "肺结核",
}


def name_of(code: str) -> str:
    """Return the name of a disease; one without a name is called by its code."""
    return NAMES.get(code, code)
