"""The two parts of the demonstration."""

import pytest

from cookiejar_session.demo.parts import ASGI, WSGI, Part


@pytest.mark.parametrize("part", [ASGI, WSGI], ids=["asgi", "wsgi"])
def test_path_of_a_part_is_a_folder(part: Part) -> None:
    assert part.path.startswith("/")
    assert part.path.endswith("/")


def test_parts_differ_in_all_they_have() -> None:
    assert all(mine != theirs for mine, theirs in zip(ASGI, WSGI, strict=True))
