"""Where the town's people go: invented institutions of every tier, and pharmacies."""

from dataclasses import dataclass
from typing import Any, Final

HOME: Final = "429900"
CITY: Final = "420100"
AWAY: Final = "440100"
AGENCY: Final = f"/agency/{HOME}"


@dataclass(frozen=True, slots=True)
class TownInstitution:
    """An institution: its code, region and level; a ministry's is a tier of its own."""

    code: str
    name: str
    level: str
    region: str = CITY
    is_pharmacy: bool = False
    is_ministry: bool = False
    opened: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What its requests say they come from."""
        return f"/medins/{self.code}"

    def registration(self) -> dict[str, Any]:
        """Render the data of its registration."""
        data: dict[str, Any] = {
            "fixmedins_code": self.code,
            "fixmedins_name": self.name,
            "admdvs": self.region,
            "fixmedins_type": "2" if self.is_pharmacy else "1",
            "dedc_hosp_lv": self.level,
            "ministry_affiliated": self.is_ministry,
        }
        if self.region == AWAY:
            data["outpatient_opened"] = True
            data["opened"] = [
                {"opsp_dise_code": code, "begndate": "2022-01-01"}
                for code in self.opened
            ]
        return data


COMMUNITY: Final = TownInstitution("H42010090001", "东湖社区医院", "1")
TOWNSHIP: Final = TownInstitution("H42010090002", "南桥镇卫生院", "1")
STATION: Final = TownInstitution("H42010090003", "北塘门诊部", "9")
COUNTY: Final = TownInstitution("H42010090004", "青山县医院", "2")
CHINESE: Final = TownInstitution("H42010090005", "青山中医医院", "2")
GENERAL: Final = TownInstitution("H42010090006", "江城综合医院", "3")
TEACHING: Final = TownInstitution("H42010090007", "江城教学医院", "3")
MINISTRY: Final = TownInstitution("H42010090008", "部属江城医院", "3", is_ministry=True)
AFAR: Final = TownInstitution(
    "H44010090001", "穗城医院", "3", region=AWAY, opened=("M07801", "M01600")
)
PHARMACIES: Final = tuple(
    TownInstitution(f"P4201009000{number}", name, "9", is_pharmacy=True)
    for number, name in enumerate(("平安大药房", "长寿堂药店", "杏林药店"), 1)
)
NEAR: Final = (COMMUNITY, TOWNSHIP, STATION, COUNTY, CHINESE, GENERAL, TEACHING)
HOSPITALS: Final = (*NEAR, MINISTRY)
PLACES: Final = (*HOSPITALS, AFAR, *PHARMACIES)
NAMES: Final = {place.code: place.name for place in PLACES}
