"""The examples of docs/how-to/secret-managers.md, with the vendors' own clients over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from documents import Page
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager
from secret_managers import VAULT_TOKEN, Secrets, start_secret_managers
from shared_rings import KEYS, A, B, fail, list_keys

from cookiejar_session import Keyring

PAGE = Page("docs/how-to/secret-managers.md")
run_example = PAGE.run_example
IGNORED = "keyring function ignored, the previous keys stay in use: "


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Secrets]:
    """The three secret managers, and an environment in which the clients find them."""
    with start_secret_managers(A) as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", started.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("VAULT_ADDR", started.url)
        monkeypatch.setenv("VAULT_TOKEN", VAULT_TOKEN)
        # Google's client has no variable for its endpoint.
        client = partial(
            secretmanager.SecretManagerServiceClient,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": started.url},
        )
        monkeypatch.setattr(secretmanager, "SecretManagerServiceClient", client)
        yield started


def run_amazon() -> dict[str, Any]:
    return run_example("boto3")


def run_google() -> dict[str, Any]:
    return run_example("secretmanager.")


def run_vault() -> dict[str, Any]:
    return run_example("hvac")


DENIED = {
    run_amazon: "botocore.exceptions.ClientError",
    run_google: "google.api_core.exceptions.Forbidden",
    run_vault: "hvac.exceptions.Forbidden",
}
each_vendor = pytest.mark.parametrize("run", DENIED)
Run = Callable[[], dict[str, Any]]


def read_now(keyring: Keyring) -> list[Any]:
    source: Any = keyring._source
    return [entry.key for entry in source.state.ring.entries]


@each_vendor
def test_sessions_have_the_keys_of_the_secret_and_follow_it(run: Run, secrets: Secrets) -> None:
    names = run()
    sessions, keyring = names["sessions"], names["keyring"]
    cookie = sessions.mint({"user": "ada"}).header
    assert (read_now(keyring), secrets.requests) == (KEYS[:1], 1)
    secrets.text = f"{B}\n{A}\n"
    assert keyring.reload()
    assert (read_now(keyring), secrets.requests) == (KEYS[1::-1], 2)
    assert sessions.read(cookie).session == {"user": "ada"}


def describe_denied(run: Run) -> str:
    return f"it raised {DENIED[run]}; call it by itself to see the message, which may hold a secret"


@each_vendor
def test_denied_access_stops_the_start_and_shows_no_secret(run: Run, secrets: Secrets) -> None:
    secrets.is_denied = True
    assert fail(run) == f"keyring function: {describe_denied(run)}"


@each_vendor
def test_denied_access_later_keeps_the_keys_and_is_logged(
    run: Run, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookiejar_session")
    keyring = run()["keyring"]
    source: Any = keyring._source
    secrets.is_denied = True
    source.refresh(0)
    secrets.is_denied = False
    source.refresh(0)
    assert list_keys(keyring) == KEYS[:1]
    assert [message for message in caplog.messages if "keyring function" in message] == [
        IGNORED + describe_denied(run),
        f"keyring function is valid again: <Keyring {KEYS[0].key_id.hex()} primary (seals now)>",
    ]
    assert A[6:26] not in caplog.text


@each_vendor
def test_a_secret_that_is_no_ring_stops_the_start(run: Run, secrets: Secrets) -> None:
    secrets.text = A[:-1]
    assert fail(run).startswith("keyring function entry 1: key text must be 53 characters, got 52; ")
