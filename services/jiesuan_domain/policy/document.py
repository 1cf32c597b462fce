"""One YAML document as plain data, and the line that each part of it stands on."""

from typing import Any, Final, NamedTuple

import yaml

MOST_NESTED: Final = 100
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is: all packs in 9 ms for 83 (`python -m tools.shapes`)."""


class PackError(ValueError):
    """A pack that cannot be used: file and line, what is wrong, and what to do."""


class Source(NamedTuple):
    """A document: its name, its data, and the line of each part and of each key."""

    name: str
    data: Any
    lines: dict[tuple[int, str | None], int]

    def fail(self, part: Any, what: str, *, key: str | None = None) -> PackError:
        """Make the error for a part of the document, or for one key of it."""
        whole = self.lines.get((id(part), None), 1)
        line = self.lines.get((id(part), key), whole)
        return PackError(f"{self.name}:{line}: {what}")


def read_source(name: str, text: str) -> Source:
    """Parse YAML (JSON is YAML) and remember where everything stands."""
    try:
        if _depth(text) > MOST_NESTED:
            raise PackError(f"{name}:1: 嵌套太深，请照参数表的写法改写")
        node = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, UnicodeEncodeError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise PackError(f"{name}:{line}: 不是合法的YAML，请检查缩进和引号") from wrong
    if node is None:
        raise PackError(f"{name}:1: 文件是空的，请写明pack和parameters")
    reader = _Reader(name)
    return Source(name, reader.read(node), reader.lines)


def _depth(text: str) -> int:
    """Return how deep YAML is nested, one too deep at most: compose would crash."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if depth > MOST_NESTED:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


class _Reader:
    """Makes plain data of nodes; keys stay as they are written, no word is magic."""

    def __init__(self, name: str) -> None:
        self.lines: dict[tuple[int, str | None], int] = {}
        self._name = name
        self._scalars = yaml.SafeLoader("")
        self._seen: set[int] = set()

    def read(self, node: yaml.Node) -> Any:
        """Read one node; what an alias repeats would be read twice, so none may."""
        if id(node) in self._seen:
            raise self._fail(node, "不支持YAML的别名，请把内容在各处写全")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            made = [self.read(item) for item in node.value]
            self.lines[id(made), None] = _line(node)
            return made
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        self.lines[id(made), None] = _line(node)
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._fail(key, "字段名应为文字，请改写")
            if key.value in made:
                raise self._fail(key, f"{key.value}写了两次，请只留一处")
            made[key.value] = self.read(value)
            self.lines[id(made), key.value] = _line(key)
        return made

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as wrong:
            raise self._fail(node, f"读不懂{node.value}，请检查写法或加引号") from wrong

    def _fail(self, node: yaml.Node, what: str) -> PackError:
        return PackError(f"{self._name}:{_line(node)}: {what}")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
