"""Codes of regions: one covers all that begin with it, trailing pairs 00 dropped."""

from functools import lru_cache
from typing import Final

_REMEMBERED: Final = 4096
_PROVINCE: Final = 2
"""So many digits of a code name the province (GB/T 2260)."""
_PROVINCES: Final = {
    "11": "北京市",
    "12": "天津市",
    "13": "河北省",
    "14": "山西省",
    "15": "内蒙古自治区",
    "21": "辽宁省",
    "22": "吉林省",
    "23": "黑龙江省",
    "31": "上海市",
    "32": "江苏省",
    "33": "浙江省",
    "34": "安徽省",
    "35": "福建省",
    "36": "江西省",
    "37": "山东省",
    "41": "河南省",
    "42": "湖北省",
    "43": "湖南省",
    "44": "广东省",
    "45": "广西壮族自治区",
    "46": "海南省",
    "50": "重庆市",
    "51": "四川省",
    "52": "贵州省",
    "53": "云南省",
    "54": "西藏自治区",
    "61": "陕西省",
    "62": "甘肃省",
    "63": "青海省",
    "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
}
_POOLS: Final = {
    "000000": "国家",
    "420100": "湖北省武汉市",
    "429900": "湖北省省直",
    "440700": "广东省江门市",
    "511700": "四川省达州市",
}
"""The regions whose notices this is built on, and the whole country."""


@lru_cache(_REMEMBERED)
def prefix_of(region: str) -> str:
    """Return what the codes of a region's parts begin with.

    >>> prefix_of("420000"), prefix_of("429900"), prefix_of("000000")
    ('42', '4299', '')
    """
    while region.endswith("00"):
        region = region[:-2]
    return region


def covers(region: str, place: str) -> bool:
    """Whether a place lies in a region.

    >>> covers("420000", "420100"), covers("420100", "429900")
    (True, False)
    """
    return place.startswith(prefix_of(region))


def called(region: str) -> str:
    """Return a region's name beside its code, or as much of it as is known.

    >>> called("310000"), called("420100"), called("310115"), called("990000")
    ('上海市（310000）', '湖北省武汉市（420100）', '上海市310115', '990000')
    """
    name = _POOLS.get(region)
    if name is not None:
        return f"{name}（{region}）"
    province = _PROVINCES.get(region[:_PROVINCE], "")
    if province and region == region[:_PROVINCE] + "0000":
        return f"{province}（{region}）"
    return province + region
