"""Sessions that one port seals and another opens. Knows nothing of what the sessions hold."""

from __future__ import annotations

from functools import cache
from itertools import permutations

from .driver import Driver, NoAnswerError
from .port import Port
from .progress import NoProgress, Progress
from .random_session import RandomSession, make_session
from .strict_json import is_equal, render_json
from .suite import Suite
from .verdict import describe_difference

OPS = ("seal", "open")
POLICY = {
    "idle_timeout": 1209600,
    "absolute_lifetime": 7776000,
    "persistent": True,
    "renew_after": None,
    "longest_idle": None,
    "longest_lifetime": None,
    "not_before": None,
}
# So many faults are shown for each pair; all are counted.
MAX_SHOWN = 10


def cross_ports(
    first: Port, second: Port, suite: Suite, *, count: int, seed: str, progress: Progress | None = None
) -> int:
    """Both ways between two ports: the exit status."""
    pairs = [(first, second)] if first == second else [(first, second), (second, first)]
    return _cross_pairs(pairs, suite, progress or NoProgress(), count=count, seed=seed)


def cross_all(ports: list[Port], suite: Suite, *, count: int, seed: str, progress: Progress | None = None) -> int:
    """Every ordered pair of two ports: the exit status."""
    return _cross_pairs(list(permutations(ports, 2)), suite, progress or NoProgress(), count=count, seed=seed)


def _cross_pairs(pairs: list[tuple[Port, Port]], suite: Suite, progress: Progress, *, count: int, seed: str) -> int:
    ports = dict.fromkeys(port for pair in pairs for port in pair)
    drivers = {
        port: Driver(port.adapter, ops=suite.ops, capabilities=suite.capabilities, cwd=port.root) for port in ports
    }
    faults = 0
    try:
        for sealer, opener in pairs:
            faults += _cross_pair(sealer, opener, drivers, progress, count=count, seed=seed)
        for port, driver in drivers.items():
            try:
                driver.stop()
            except NoAnswerError as exc:
                faults += 1
                print(f"{port.name}: the adapter {exc}{_show_stderr(exc)}")
    finally:
        for driver in drivers.values():
            driver.kill()
    return 1 if faults else 0


def _cross_pair(
    sealer: Port, opener: Port, drivers: dict[Port, Driver], progress: Progress, *, count: int, seed: str
) -> int:
    title = f"{sealer.name} seals, {opener.name} opens"
    try:
        capabilities = _share_capabilities([sealer, opener], drivers)
    except NoAnswerError as exc:
        # All that the runner has: the first lines may name what is missing.
        print(f"{title}: not run: {exc}{_show_stderr(exc, last=0)}")
        return 1
    faults = 0
    for number, session in enumerate(_make_sessions(seed, count, capabilities)):
        fault = _cross_one(session, drivers[sealer], drivers[opener])
        progress.show(title, number + 1, count, faults + (fault is not None))
        if fault is None:
            continue
        faults += 1
        if faults <= MAX_SHOWN:
            progress.end()
            print(f"{title}: session {number} of seed {seed}: {fault}")
            print(f"    {render_json(session.envelope)}")
    progress.end()
    print(f"{title}: {count} sessions, {count - faults} as they were, {faults} not", flush=True)
    return faults


@cache
def _make_sessions(seed: str, count: int, capabilities: frozenset[str]) -> list[RandomSession]:
    # The same for all pairs that can say the same.
    return [make_session(seed, number, capabilities) for number in range(count)]


def _share_capabilities(ports: list[Port], drivers: dict[Port, Driver]) -> frozenset[str]:
    """What all can say."""
    shared: list[frozenset[str]] = []
    for port in ports:
        try:
            declaration = drivers[port].start()
        except NoAnswerError as exc:
            raise NoAnswerError(f"{port.name}: {exc}", exc.stderr) from None
        for op in OPS:
            if op not in declaration.ops:
                raise NoAnswerError(f"{port.name}: does not declare {op}")
        shared.append(declaration.capabilities)
    return frozenset.intersection(*shared)


def _cross_one(session: RandomSession, sealer: Driver, opener: Driver) -> str | None:
    """What went wrong with one session, if anything."""
    question = {
        "keyring": session.sealing_ring,
        "purpose": session.purpose,
        "now": session.sealed_at,
        "envelope": session.envelope,
        "nonce": None,
    }
    try:
        sealed = sealer.ask("seal", question)
    except NoAnswerError as exc:
        return f"not sealed: {exc}{_show_stderr(exc)}"
    token = sealed.get("accept", {}).get("token")
    if not isinstance(token, str) or not token.isascii():
        return f"not sealed: {render_json(sealed)}"
    question = {
        "keyring": session.opening_ring,
        "purpose": session.purpose,
        "now": session.opened_at,
        "policy": POLICY,
        "value": token.encode().hex(),
    }
    try:
        opened = opener.ask("open", question)
    except NoAnswerError as exc:
        return f"not opened: {exc}{_show_stderr(exc)}"
    expected = {"accept": {"envelope": session.found}}
    return None if is_equal(opened, expected) else describe_difference(expected, opened)


def _show_stderr(fault: NoAnswerError, last: int = 5) -> str:
    """The ``last`` lines of stderr; 0 for all."""
    return "".join(f"\n    stderr: {line}" for line in fault.stderr.splitlines()[-last:])
