"""A YAML text as plain data, with the place of every value, read more strictly than YAML asks."""

import re
from typing import Any

import yaml
from yaml.reader import Reader

from dialog_flows.schema import KeyPath, Source
from models.errors import InvalidFile, Problem

MAX_DEPTH = 30

YAML_MENDS = {
    "mapping values are not allowed here": "a colon does not fit here; put the text in quotes, or mend the indentation",
    "could not find expected ':'": "a key needs a colon after it; if this is text, put it in quotes",
    "found unexpected end of stream": "a quotation mark is opened and not closed",
    "while scanning a quoted scalar": "a quotation mark is opened and not closed",
    "while parsing a block mapping": "the spaces before this line do not fit the lines above it",
    "while parsing a block collection": "the spaces before this line do not fit the list above it",
    "while parsing a flow mapping": "a { is opened and not closed; text that begins with { must be in quotes",
    "while parsing a flow sequence": "a [ is opened and not closed; text that begins with [ must be in quotes",
    "while scanning an anchor": "text that begins with & must be in quotes",
    "while scanning an alias": "text that begins with * must be in quotes",
    "while scanning a directive": "text that begins with % must be in quotes",
}


NO_YAML = {
    "{\\rtf": "an RTF document",
    "pk\x03\x04": "a Word document or another archive",
    "%pdf-": "a PDF",
    "<!doctype": "a web page",
    "<html": "a web page",
    "<?xml": "an XML file",
}
"""How files begin that are taken for flows by mistake."""
INVISIBLE = re.compile(
    f"{Reader.NON_PRINTABLE.pattern}|[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069]|(?<!^)\ufeff"
)
"""What YAML forbids, and what hides in text that was pasted: zero-width spaces, marks that turn its direction."""


class _StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases, and with a limit on how deep a file may nest."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # not in its stubs
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.composer.ComposerError(
                None, None, "*name (a YAML alias) cannot be used here; write the text out", mark
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "this is nested too deeply", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Document:
    """The plain data of a YAML text, the place of each value, and what is wrong in the YAML itself."""

    def __init__(self, text: str, name: str, noun: str, guide: str) -> None:
        """`noun`, `guide`: what messages call such a file, and where it is explained.

        Raises InvalidFile when it is no YAML of keys and values.
        """
        if sign := next((sign for sign in NO_YAML if text.lstrip("\ufeff \r\n\t").lower().startswith(sign)), None):
            message = f"this is {NO_YAML[sign]}, not plain text; copy the {noun} into a text file that ends in .yaml"
            raise InvalidFile((Problem(name, 1, 1, message),))
        if bad := INVISIBLE.search(text):
            message = f"there is an invisible control character here (U+{ord(bad[0]):04X}); delete it"
            raise InvalidFile((Problem(name, *line_column(text[: bad.start()]), message),))
        self.problems: list[Problem] = []
        self.keys: dict[KeyPath, tuple[int, int]] = {}
        """Where each key itself stands."""
        self._name = name
        self._places: dict[KeyPath, tuple[int, int]] = {}
        self._loader = _StrictLoader(text)
        try:
            root = self._loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            raise InvalidFile((_yaml_problem(error, text, name),)) from None
        if root is None:
            raise InvalidFile((Problem(name, 0, 0, f"the file is empty; a {noun} begins with `id:`, see {guide}"),))
        if not isinstance(root, yaml.MappingNode):
            message = f"a {noun} is a list of keys and values, one a line; it begins with `id: name_of_the_{noun}`"
            raise InvalidFile((Problem(name, *_place(root), message),))
        self.data: dict[str, Any] = self._value(root, ())
        self.source = Source(name, text, self._places)

    def _value(self, node: yaml.Node, path: KeyPath) -> Any:
        self._places[path] = _place(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, position)) for position, item in enumerate(node.value)]
        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            self._problem(node, "this value cannot be read; if it is text, put it in quotes")
            return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "a key must be one word; if this is text, put it in quotes")
                continue
            key = str(key_node.value)
            if key in content:
                first = self.keys[(*path, key)][0]
                self._problem(key_node, f"`{key[:60]}` is written twice (first in line {first}); keep one")
                continue
            self.keys[(*path, key)] = _place(key_node)
            content[key] = self._value(value_node, (*path, key))
        return content

    def _problem(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(self._name, *_place(node), message))


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _yaml_problem(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(name, 0, 0, "the file is not readable as YAML")
    problem, context = str(error.problem or ""), str(error.context or "")
    lines = text.splitlines()
    line_text = lines[mark.line] if mark.line < len(lines) else ""
    if isinstance(error, yaml.composer.ComposerError):
        message = problem or "only one document is allowed in a file; delete the `---` lines"
        if "single document" in context:
            message = "this file holds more than one document; delete the second `---`"
    elif "\t" in line_text[: mark.column + 1]:
        message = "a tab stands at the beginning of this line; use spaces"
    elif re.search(r":\s+\{[^}]*\}\s*[^\s#]", line_text):
        message = "text that begins with { must be in quotes"
    elif "flow" in context and re.search(r"\w\?\s*[,\]}]", line_text):
        message = "text with a question mark must be in quotes between [ ] or { }"
    elif problem == "could not find expected ':'" and error.context_mark is not None:
        mark = error.context_mark  # the line itself; the problem's mark is where the next one has its colon
        without_space = re.match(r"[a-z_]+:\S", lines[mark.line][mark.column :])
        message = "a space is missing after the colon" if without_space else YAML_MENDS[problem]
    elif "block" in context and problem.endswith("'<scalar>'") and re.search(r"['\"]\s*$", line_text[: mark.column]):
        message = (
            "the quotation mark before this ends the text; put what has ' in it between \"…\", what has \" between '…'"
        )
    else:
        known = next((mend for sign, mend in YAML_MENDS.items() if sign in (problem, context)), None)
        message = known or f"this cannot be read as YAML ({problem}); if it is text, put it in quotes"
    return Problem(name, mark.line + 1, mark.column + 1, message)


def line_column(before: str) -> tuple[int, int]:
    """The line and column, from 1, of what follows `before` in its text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")
