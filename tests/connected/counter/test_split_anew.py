"""A batch is settled as it was split, or uploaded again."""

from pathlib import Path
from typing import Any

import pytest
from tests.connected.counter.conftest import HOSPITAL, Site
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo, Till

pytestmark = pytest.mark.connected
PERSONS = ["P7701", "P7702"]
AWAY = {"insuplc_admdvs": "420100"}
"""Where the person is not insured; the overlay says what 乙类 costs there."""
OVERLAY = """\
pack: 420100-310
parameters:
  class_b_selfpay_prop:
    unit: rate
    values:
      - {from: 2022-01-01, value: "0.2000",
         because: {instrument: 统筹区配置, article: "-", quote: "-"}}
"""
LINE = {"code": "XB", "det_item_fee_sumamt": 100, "cnt": 10, "pric": 10}


@pytest.fixture(scope="module")
async def till(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Till:
    """A till at a gateway to which another region says another ratio."""
    await site.admit(PERSONS)
    folder: Path = tmp_path_factory.mktemp("packs")
    (folder / "420100-310.yaml").write_text(OVERLAY, encoding="utf-8")
    await site.start("gateway-packs", JIESUAN_PACKS=str(folder))
    return site.till("gateway-packs", code=HOSPITAL)


def split(visit: Visit, **envelope: Any) -> dict[str, Any]:
    """Upload a line of 乙类; return how it was split."""
    sent = {"feedetail": [visit.line(**LINE)]}
    (row,) = visit.till.call("2204", sent, **envelope)["result"]
    return row  # type: ignore[no-any-return]


def test_lines_that_were_split_for_another_region_are_uploaded_again(
    till: Till,
) -> None:
    """What 2204 said of them is not what would be settled: 2206 and 2207 name both
    amounts; uploaded again, they settle as 2204 says."""
    visit = Visit(till, PERSONS[0]).open()
    assert split(visit, **AWAY)["preselfpay_amt"] == 20
    charge = visit.charge(medfee_sumamt=100)
    for infno in ("2206", "2207"):
        with pytest.raises(SaidNo, match=r"明细1.*20\.00元.*429900.*10\.00元.*2204"):
            till.call(infno, charge)
    assert split(visit)["preselfpay_amt"] == 10
    for infno in ("2206", "2207"):
        assert till.call(infno, charge)["setlinfo"]["preselfpay_amt"] == 10


def test_what_every_region_splits_alike_is_settled_under_any(till: Till) -> None:
    """A line of 甲类 is split by no region's ratio: it is settled as it is."""
    visit = Visit(till, PERSONS[1]).open()
    till.call("2204", {"feedetail": [visit.line()]}, **AWAY)
    assert visit.settle()["inscp_scp_amt"] == 3000
