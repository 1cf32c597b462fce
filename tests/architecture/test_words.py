"""Words: docstrings, identifiers, the glossary, and what no file may say."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.schemas import documents
from jiesuan_events.words.glossary import UnknownWord, chinese, wire_name
from jiesuan_ledger import facts as law
from jiesuan_ledger.parts import block

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("events", "services", "projections", "deploy", "tests")
SPOKEN_OF = {"jiesuan_events", "jiesuan_domain"}
REGISTRIES = re.compile(
    r"pypi\.(org|python)|pythonhosted|repo1?\.maven|maven\.org|mvnrepository|"
    r"registry\.npmjs|docker\.io|ghcr\.io|quay\.io|crates\.io|index-url\s*=|://[^/\s]*mirror",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
NOT_TEXT = {".png", ".jar", ".gz", ".whl", ".pdf", ".ico"}


def committed() -> list[Path]:
    """List the files that a clone holds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in NOT_TEXT]


def named(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """List the functions and classes of a body that others may use."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name[0] != "_":
            yield prefix + node.name, node


def public(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """List what a module offers: functions, classes and their methods."""
    for name, node in named(tree.body):
        yield name, node
        if isinstance(node, ast.ClassDef):
            yield from named(node.body, f"{name}.")


def first_sentence(node: ast.stmt) -> str:
    """Return the first line of a docstring."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")


def test_what_is_public_is_explained(shipped: Any) -> None:
    """Every public function and class of contracts and law has a sentence."""
    wrong = [
        f"{source.name}:{name}"
        for source in shipped
        if source.package in SPOKEN_OF
        for name, node in public(source.tree)
        if not first_sentence(node).rstrip().endswith((".", "?", ":", ")"))
    ]
    assert wrong == []


def test_every_module_is_explained(shipped: Any, tests: Any) -> None:
    """Every module says in its first line what it is."""
    wrong = [
        source.name
        for source in [*shipped, *tests]
        if not ast.get_docstring(source.tree)
    ]
    assert wrong == []


def test_every_test_says_what_is_true(tests: Any) -> None:
    """Every test has a docstring that is one sentence."""
    wrong = [
        f"{source.name}:{function.name}"
        for source in tests
        for function in source.functions
        if function.name.startswith("test_")
        and not first_sentence(function).endswith(".")
    ]
    assert wrong == []


def test_identifiers_are_ascii(shipped: Any, tests: Any) -> None:
    """Names in code are English; Chinese stands in texts only."""
    wrong = {
        (source.name, token.string)
        for source in [*shipped, *tests]
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline)
        if token.type == tokenize.NAME and not token.string.isascii()
    }
    assert wrong == set()


def test_comments_are_english(shipped: Any) -> None:
    """A comment is English; a Chinese term in it stands beside English words."""
    wrong = {
        (source.name, token.string)
        for source in shipped
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline)
        if token.type == tokenize.COMMENT
        and not token.string.isascii()
        and not re.search(r"[A-Za-z]{2}", token.string)
    }
    assert wrong == set()


def test_every_wire_name_is_in_the_glossary() -> None:
    """What the schemas name, the glossary knows, with its Chinese term."""
    for name, document in documents().items():
        if name == "asyncapi.json":
            continue
        for part in (document, *document.get("$defs", {}).values()):
            for wire, described in part.get("properties", {}).items():
                assert described["title"], wire


def test_the_fields_of_the_law_s_facts_are_in_the_glossary() -> None:
    """What the law writes travels under the glossary's names."""
    for fact in (*law.TYPE_OF, block.Block, block.Totals, block.SplitLine):
        for word, wire in zip(
            fact.__struct_fields__, fact.__struct_encode_fields__, strict=True
        ):
            assert wire == wire_name(word)
            assert chinese(word)


def test_an_unknown_word_fails_at_once() -> None:
    """A field that the glossary does not know cannot be declared."""
    with pytest.raises(UnknownWord, match="not in the glossary"):
        wire_name("jine")


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_not_packages(room: str) -> None:
    """No room has an `__init__.py`: its bare name belongs to others."""
    assert not (ROOT / room / "__init__.py").exists()


def test_tests_are_not_packages(tests: Any) -> None:
    """No folder of tests has an `__init__.py`: importlib mode needs none."""
    assert [source.name for source in tests if source.path.name == "__init__.py"] == []


def test_no_file_names_a_registry() -> None:
    """No committed file names the host of a package registry."""
    wrong = {
        (str(path.relative_to(ROOT)), found.group())
        for path in committed()
        if path != Path(__file__)
        and (found := REGISTRIES.search(path.read_text("utf-8")))
    }
    assert wrong == set()


def test_nothing_is_left_to_do(shipped: Any, tests: Any) -> None:
    """No module puts anything off."""
    wrong = [
        source.name
        for source in [*shipped, *tests]
        if source.path != Path(__file__) and UNFINISHED.search(source.text)
    ]
    assert wrong == []
