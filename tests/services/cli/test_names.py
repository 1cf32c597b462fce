"""Institutions are called by the names that they were last registered under."""

from typing import Any

from msgspec.structs import replace

from jiesuan_events.requests import Institution
from jiesuan_ledger.ours import AcceptedReference
from jiesuan_services.cli.names import names_in, reference, with_names
from jiesuan_services.demo.town.places import NAMES


async def test_the_reference_topic_has_the_name_of_every_institution(town: Any) -> None:
    """Each institution of the town has the name that it was registered under."""
    found = names_in(await reference(town.log))
    assert found
    assert found == {code: NAMES[code] for code in found}


async def test_the_last_registration_names_an_institution(town: Any) -> None:
    """One that is registered anew has its new name."""
    found = await reference(town.log)
    first = next(one for one in found if isinstance(one, AcceptedReference))
    assert isinstance(first.said, Institution)
    renamed = first.said.model_copy(update={"institution_name": "新名称"})
    names = names_in([*found, replace(first, said=renamed)])
    assert names == {**names_in(found), first.said.institution_id: "新名称"}


def test_a_sentence_gets_the_names_that_are_known() -> None:
    """A name stands before its code; a code without one, and all else, as it was."""
    sentence = "2022-03-01 08:50在机构H1、2022-03-01 08:52在机构H12都有费用，请核实。"
    assert with_names(sentence, {"H1": "示例医院"}) == (
        "2022-03-01 08:50在机构示例医院（H1）、"
        "2022-03-01 08:52在机构H12都有费用，请核实。"
    )
    assert with_names("项目H1配30天，请核实。", {"H1": "示例医院"}) == (
        "项目H1配30天，请核实。"
    )
