"""The notice of a region (告知书): every rule that a person there is refused by."""

from datetime import date

import pytest

from jiesuan_services.gateway.public.answers import notice
from jiesuan_services.runtime.packs import load_packs

DAY = date(2026, 3, 1)
REGIONS = ("420100", "429900", "440700", "511700")


@pytest.mark.parametrize("region", REGIONS)
def test_a_notice_tells_what_holds_in_every_region(region: str) -> None:
    """The clocks of 67号第十五条 and the ten codes stand in it, with their sources."""
    said = notice(load_packs(), admdvs=region, day=DAY)
    assert said is not None
    for scheme in said["schemes"]:
        told = {source["name"]: source for source in scheme["sources"]}
        assert len(told) == len(scheme["sources"])
        assert told["慢特病资格重新核验年限"]["article"] == "第十五条"
        assert told["慢特病中断治疗重新核验年限"]["article"] == "第十五条"
        assert told["跨省直接结算病种"]["quote"]
