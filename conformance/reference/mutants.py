"""Mutants of this reader, made from its clause comments: checks dropped, loosened, tightened, put in another order.

Knows nothing of vectors: tests/test_reader_mutants.py runs them over each mutant.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import count
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parent
SOURCES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.glob("*.py"))
    if path.stem not in ("__init__", "mutants", "vectors")
}

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]
# What holds a node of a syntax tree, a field of a node or a place in a list, and what a mutant has there instead.
Edit = tuple[Any, str | int, Any]

LOOSER = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
# Only of lengths: a longer or a shorter one is something that a careless reader takes.
ONE_SIDED = {ast.Eq: (ast.LtE, ast.GtE), ast.NotEq: (ast.Lt, ast.Gt)}
# Methods whose subject is what is left when the call is forgotten.
CHANGING = ("strip", "lstrip", "lower", "removeprefix")
CHOOSING = ("min", "max")

# What this reader cannot read at all, so that a mutant without the check before it would only fail: the forms that
# SPEC 6.3 item 2 refuses. Readers of them stand in every mutant of the module, out of reach while the check does.
BEHIND = {
    "message_pack": (
        'raise AssertionError(f"SPEC 6.1 and 6.3 item 2 say nothing of {first:02x}")',
        "return read_unlisted(octets, first, level)",
        """
def read_unlisted(octets, first, level):
    if first == 0xC1:
        return None
    if first == 0xC6:
        return octets.take(octets.take_number(4))
    if 0xC7 <= first <= 0xC9:
        return octets.take(octets.take_number(2 ** (first - 0xC7)) + 1)[1:]
    if first == 0xCA:
        return struct.unpack(">f", octets.take(4))[0]
    if 0xD4 <= first <= 0xD8:
        return octets.take(2 ** (first - 0xD4) + 1)[1:]
    if first == 0xDB:
        return read_text(octets, octets.take_number(4))
    if first == 0xDD:
        return read_array(octets, octets.take_number(4), level)
    return read_map(octets, octets.take_number(4), level)
""",
    ),
}

_numbers = count()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One module of the reader with one change; ``clauses`` are those of the comment beside it."""

    name: str
    module: str
    clauses: tuple[str, ...]
    code: CodeType

    def load(self) -> Answer:
        """``reader.answer`` of a reader of its own that has the changed module."""
        return load_reader(self.module, self.code)


def list_mutants() -> list[Mutant]:
    return [mutant for module in SOURCES for mutant in list_mutants_of(module)]


def make_mutant(module: str, clause: str, text: str, replacement: str) -> Mutant:
    """A mutant by hand, ``replacement`` in place of ``text``; ValueError if that does not stand there just once."""
    if SOURCES[module].count(text) != 1:
        raise ValueError(f"{module}.py has not once the text {text!r}")
    code = compile(SOURCES[module].replace(text, replacement), f"{module}.py", "exec")
    return Mutant(f"{module} {clause}: {text} -> {replacement}", module, (clause,), code)


def load_reader(module: str, code: CodeType) -> Answer:
    """``reader.answer`` where ``module`` is made of ``code`` and all others are made anew of their sources."""
    package = f"{__package__}_mutant_{next(_numbers)}"
    modules = {"": ModuleType(package)}
    modules[""].__path__ = []
    sys.modules[package] = modules[""]
    for name in ORDER:
        modules[name] = loaded = ModuleType(f"{package}.{name}")
        loaded.__package__, loaded.__file__ = package, str(FOLDER / f"{name}.py")
        # As the import system does it: what comes later finds the module there and in its package.
        sys.modules[loaded.__name__] = loaded
        setattr(modules[""], name, loaded)
        exec(code if name == module else CODE[name], loaded.__dict__)  # noqa: S102 - our own sources
    for loaded in modules.values():
        del sys.modules[loaded.__name__]
    answer: Answer = modules["reader"].__dict__["answer"]
    return answer


def list_imported(source: str) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.level]
    return [name for node in nodes for name in ([node.module] if node.module else [each.name for each in node.names])]


CODE = {name: compile(source, f"{name}.py", "exec") for name, source in SOURCES.items()}
ORDER = tuple(TopologicalSorter({name: list_imported(source) for name, source in SOURCES.items()}).static_order())


def list_mutants_of(module: str) -> Iterator[Mutant]:
    tree = ast.parse(read_before_change(module))
    for block, position, cited in list_cited(tree, read_clauses(SOURCES[module])):
        line = block[position].lineno
        for change, edits in list_changes(block, position):
            undo = [apply(edit) for edit in edits]
            code = compile(ast.fix_missing_locations(tree), f"{module}.py", "exec")
            for edit in reversed(undo):
                apply(edit)
            yield Mutant(f"{module}:{line} {', '.join(cited)}: {change}", module, cited, code)


def read_before_change(module: str) -> str:
    """The source with what stands in ``BEHIND``, each statement on the line where it was."""
    source = SOURCES[module]
    if module not in BEHIND:
        return source
    text, replacement, behind = BEHIND[module]
    if source.count(text) != 1:
        raise ValueError(f"{module}.py has not once the text {text!r}")
    return source.replace(text, replacement) + behind


def apply(edit: Edit) -> Edit:
    """Puts the replacement there; returns the edit that puts the old one back."""
    owner, key, replacement = edit
    if isinstance(key, int):
        old, owner[key] = owner[key], replacement
    else:
        old = getattr(owner, key)
        setattr(owner, key, replacement)
    return owner, key, old


def read_clauses(source: str) -> dict[int, tuple[str, ...]]:
    """The clauses that the comment on each line cites."""
    found = {line: re.search(r"# SPEC ([0-9].*)$", text) for line, text in enumerate(source.splitlines(), 1)}
    return {line: tuple(match[1].split(", ")) for line, match in found.items() if match}


def list_cited(
    tree: ast.Module, clauses: dict[int, tuple[str, ...]]
) -> Iterator[tuple[list[ast.stmt], int, tuple[str, ...]]]:
    """The statements with a clause: where they stand in their block. An ``if`` has that of the one statement in it."""
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            found = getattr(node, field, None)
            block: list[ast.stmt] = found if isinstance(found, list) else []
            for position, statement in enumerate(block):
                line = statement.end_lineno
                if isinstance(statement, ast.If):
                    line = statement.body[0].end_lineno if len(statement.body) == 1 else None
                elif isinstance(statement, ast.For):
                    line = statement.lineno
                elif isinstance(statement, (ast.Raise, ast.Return, ast.Continue)) and isinstance(node, ast.If):
                    # In a body it is changed with its condition; what stands under "else" has none.
                    line = line if field == "orelse" else None
                cited = clauses.get(line or 0, ())
                if cited:
                    yield block, position, cited


def list_changes(block: list[ast.stmt], position: int) -> Iterator[tuple[str, list[Edit]]]:
    statement = block[position]
    dropped: tuple[str, list[Edit]] = "left out", [(block, position, ast.Pass())]
    if isinstance(statement, ast.If):
        yield f"if {ast.unparse(statement.test)}: never", [(statement, "test", ast.Constant(False))]
        yield from change_expression(statement, "test")
        yield from change_order(block, position)
    elif isinstance(statement, ast.For):
        yield from change_expression(statement, "iter")
    elif isinstance(statement, ast.Return):
        if isinstance(statement.value, (ast.Compare, ast.BoolOp)):
            yield f"{ast.unparse(statement)}: always", [(statement, "value", ast.Constant(True))]
        yield from change_expression(statement, "value")
    elif isinstance(statement, ast.Assign):
        if isinstance(statement.targets[0], ast.Name) and has_name(statement.value, statement.targets[0].id):
            yield dropped
        yield from skip_call(statement)
        if isinstance(statement.targets[0], ast.Tuple) and isinstance(statement.value, ast.Tuple):
            # Each on its own: one less would only fail to unpack.
            for place in range(len(statement.value.elts)):
                yield from change_expression(statement.value.elts, place)
        else:
            yield from change_expression(statement, "value")
    elif isinstance(statement, (ast.Expr, ast.AugAssign, ast.Raise)):
        yield dropped
        if not isinstance(statement, ast.Raise):
            yield from change_expression(statement, "value")


def change_order(block: list[ast.stmt], position: int) -> Iterator[tuple[str, list[Edit]]]:
    """A check and the next one in the other order, where they refuse by other reasons."""
    if position + 1 < len(block):
        first, second = block[position : position + 2]
        reasons = read_reason(first), read_reason(second)
        if all(reasons) and reasons[0] != reasons[1]:
            yield f"{reasons[1]} before {reasons[0]}", [(block, position, second), (block, position + 1, first)]


def read_reason(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.If) and isinstance(statement.body[0], ast.Raise):
        return ast.unparse(statement.body[0]).removeprefix("raise ")
    return None


def skip_call(statement: ast.Assign) -> Iterator[tuple[str, list[Edit]]]:
    """What a function of one argument makes of it is forgotten."""
    call = statement.value
    if isinstance(call, ast.Call) and len(call.args) == 1 and not isinstance(call.args[0], ast.Constant):
        yield show_edit(statement, "value", call.args[0])


def change_expression(owner: Any, key: str | int) -> Iterator[tuple[str, list[Edit]]]:
    """Each change of one thing in the expression that ``owner`` has at ``key``."""
    node = owner[key] if isinstance(key, int) else getattr(owner, key)
    for replacement in replace_node(node):
        yield show_edit(owner, key, replacement)
    if isinstance(node, ast.Compare):
        yield from change_comparison(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield from change_expression(node, "right")
        return
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            for position, item in enumerate(value):
                if isinstance(item, ast.expr):
                    yield from change_expression(value, position)
                elif isinstance(item, ast.keyword):
                    yield from change_expression(item, "value")
        elif isinstance(value, ast.expr):
            yield from change_expression(node, field)


def replace_node(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int(number)):
            yield from (ast.Constant(number - 1), ast.Constant(number + 1))
        case ast.BoolOp(op=op, values=values):
            for position in range(len(values)):
                others = values[:position] + values[position + 1 :]
                yield others[0] if len(others) == 1 else ast.BoolOp(op, others)
        case ast.Tuple(elts=elements) | ast.List(elts=elements) if len(elements) > 2:
            for position in range(len(elements)):
                yield ast.Tuple(elements[:position] + elements[position + 1 :], ast.Load())
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in CHOOSING:
            yield from arguments
        case ast.Call(func=ast.Attribute(value=subject, attr=name)) if name in CHANGING:
            yield subject
            # Whitespace is what is stripped where nothing is said; a prefix must be said.
            if node.args and name != "removeprefix":
                yield ast.Call(node.func, [], [])
            if node.args:
                yield from (ast.Call(node.func, [text], []) for text in shorten(node.args[0]))
        case _:
            return


def shorten(node: ast.expr) -> Iterator[ast.Constant]:
    """Each text with one of its characters left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and len(node.value) > 1:
        for position in range(len(node.value)):
            yield ast.Constant(node.value[:position] + node.value[position + 1 :])


def change_comparison(node: ast.Compare) -> Iterator[tuple[str, list[Edit]]]:
    has_length = any(ast.unparse(side).startswith("len(") for side in (node.left, *node.comparators))
    for position, operator in enumerate(node.ops):
        others = [LOOSER[type(operator)]] if type(operator) in LOOSER else []
        if has_length:
            others += ONE_SIDED.get(type(operator), ())
        for other in others:
            operators = [*node.ops[:position], other(), *node.ops[position + 1 :]]
            changed = ast.Compare(node.left, operators, node.comparators)
            yield f"{ast.unparse(node)} -> {ast.unparse(changed)}", [(node, "ops", operators)]


def show_edit(owner: Any, key: str | int, replacement: ast.AST) -> tuple[str, list[Edit]]:
    node = owner[key] if isinstance(key, int) else getattr(owner, key)
    return f"{ast.unparse(node)} -> {ast.unparse(ast.fix_missing_locations(replacement))}", [(owner, key, replacement)]


def has_name(node: ast.expr, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))
