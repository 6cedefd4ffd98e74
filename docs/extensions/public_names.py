"""The public names in the API reference.

An annotation names the module where a class is written; here its references lead to the public name. Python describes
the fields of a named tuple by their numbers; here these lines are left out, since the class describes its fields.
"""

from __future__ import annotations

from typing import Any

from docutils.nodes import Element

import cookiejar_session


def find_public_name(app: Any, environment: Any, node: Any, content: Element) -> Any:
    """Resolve a reference to a class of the package by its public name, if it has one."""
    target = str(node.get("reftarget", ""))
    name = target.rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in cookiejar_session.__all__:
        return None
    domain = environment.get_domain("py")
    public = f"cookiejar_session.{name}"
    if target == public or public not in domain.objects:
        return None
    return domain.resolve_xref(environment, node["refdoc"], app.builder, "obj", public, node, content)


def remove_field_numbers(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Remove the docstring that Python gives to a field of a named tuple."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()


def setup(app: Any) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", remove_field_numbers)
    app.connect("missing-reference", find_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
