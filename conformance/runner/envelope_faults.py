"""What is wrong with a decoded value as an envelope: SPEC 5.2, item by item. Knows nothing of octets."""

from __future__ import annotations

from .plaintext_tree import NAMES, Node

MAX_TIME = (1 << 48) - 1
MAX_IDLE = (1 << 32) - 1
KINDS = ("bin", "integer", "integer", "integer", "integer", "bool", "map", "array")
OTHER_TYPE = "5.2 item 2: another type"


def note_envelope_faults(outermost: Node) -> None:
    """Adds to the nodes what they break of SPEC 5.1."""
    if outermost.kind != "array" or len(outermost.nodes) != len(NAMES):
        outermost.faults.append("5.2 item 1: not an array of exactly eight")
        return
    has_types = True
    for node, kind in zip(outermost.nodes, KINDS, strict=True):
        if node.kind != kind:
            has_types = False
            node.faults.append(OTHER_TYPE)
    sid, created, issued, idle, until, _, _, flash = outermost.nodes
    if sid.kind == "bin" and len(sid.value) != 16:
        sid.faults.append("5.2 item 3: not 16 octets")
    for time in (created, issued, until):
        if time.kind == "integer" and not 0 <= time.value <= MAX_TIME:
            time.faults.append("5.2 item 4: not a time")
    if idle.kind == "integer" and not 1 <= idle.value <= MAX_IDLE:
        idle.faults.append("5.2 item 5: out of range")
    if has_types and issued.value < created.value:
        issued.faults.append("5.2 item 6: before created")
    if has_types and until.value <= issued.value:
        until.faults.append("5.2 item 7: not after issued")
    if flash.kind == "array":
        _note_flash_faults(flash)


def _note_flash_faults(flash: Node) -> None:
    if len(flash.nodes) > 32:
        flash.faults.append("5.2 item 8: more than 32 entries")
    for entry in flash.nodes:
        if entry.kind != "array":
            entry.faults.append(OTHER_TYPE)
        elif len(entry.nodes) != 2:
            entry.faults.append("5.2 item 9: not exactly two elements")
        if entry.kind == "array" and entry.nodes and entry.nodes[0].kind != "str":
            entry.nodes[0].faults.append(OTHER_TYPE)
