"""References from signatures to the public names: an annotation names the module where a class is written."""

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


def setup(app: Any) -> dict[str, bool]:
    app.connect("missing-reference", find_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
