"""cli/secret_arguments.py: which arguments are keys."""

import pytest
from shared_values import GOLDEN_TOKEN

from cookiejar_session.cli.secret_arguments import has_key


@pytest.mark.parametrize(
    "arguments",
    [["cjk1_x"], ["--keys-file", "hex:00"], ["--keys-file=b64:x"], ["show", "skb:"], ["0f" * 32], ["a=" + "0f" * 64]],
)
def test_key_is_found(arguments: list[str]) -> None:
    assert has_key(arguments)


@pytest.mark.parametrize("arguments", [[], ["show"], [GOLDEN_TOKEN], ["--keys-file=/etc/keys"], ["0f" * 8]])
def test_other_arguments_are_no_keys(arguments: list[str]) -> None:
    assert not has_key(arguments)
