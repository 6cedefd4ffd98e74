"""Runs the drill: ``python -m tests.drill``. The status is 0 if the drill showed what it must show, else 1."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from .balancer import Balancer
from .clock import DrillClock
from .nodes import Node
from .rotation import KEY_DROPPED, NEW_KEY_MISSING, SECONDS_AHEAD, Deployment, Operator, Rotations
from .tally import Tally
from .visitors import Crowd

# Each node, and whether its keys are in a file. Those of the others are in an environment variable.
NODES = {
    "uvicorn-1": True,
    "uvicorn-2": True,
    "uvicorn-3": False,
    "gunicorn-1": True,
    "gunicorn-2": True,
    "gunicorn-3": False,
}
VISITORS, QUICK_VISITORS = 300, 40


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.drill", description="Rotate the keys of six servers under load.")
    parser.add_argument("--quick", action="store_true", help=f"one rotation and {QUICK_VISITORS} visitors")
    parser.add_argument("--control", action="store_true", help="a wrong rotation, which must log visitors out")
    parser.add_argument("--seconds", type=int, default=180, help="the longest time of the drill (default: 180)")
    parser.add_argument("--seed", type=int, help="repeat the choices of another run")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(10**6)
    began = time.monotonic()
    tally = Tally()
    try:
        with tempfile.TemporaryDirectory(prefix="drill-") as folder:
            asyncio.run(run_in_time(options, Path(folder), tally))
    except TimeoutError:
        print(f"not done after {options.seconds} seconds")
        return 1
    except asyncio.CancelledError:
        print("ended by a signal")
        return 1
    finally:
        print(tally.render())
    print(f"took {time.monotonic() - began:.0f} seconds")
    if options.control:
        has_passed = all(tally.logouts[part] for part in (NEW_KEY_MISSING, KEY_DROPPED))
        print("passed: the wrong rotation logged visitors out" if has_passed else "failed: nobody was logged out")
    else:
        has_passed = tally.has_passed
        print("passed" if has_passed else "failed")
    return 0 if has_passed else 1


async def run_in_time(options: Namespace, folder: Path, tally: Tally) -> None:
    task = asyncio.current_task()
    assert task is not None
    # The servers must end with the drill.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with asyncio.timeout(options.seconds):
        await run_drill(options, folder, tally)


async def run_drill(options: Namespace, folder: Path, tally: Tally) -> None:
    choices = random.Random(options.seed)
    clock = DrillClock(folder / "clock", now=int(time.time()))
    operator = Operator(folder, clock.path)
    await operator.create_ring()
    ahead = choices.choice(list(NODES))
    nodes = [
        Node(
            name,
            folder=folder,
            clock=clock.path,
            ring_text=operator.ring_text,
            has_file=has_file,
            seconds_ahead=SECONDS_AHEAD if name == ahead else 0,
        )
        for name, has_file in NODES.items()
    ]
    number = QUICK_VISITORS if options.quick else VISITORS
    print(
        f"seed {options.seed}: {number} visitors, {len(nodes)} nodes; the clock of {ahead} is {SECONDS_AHEAD} s ahead"
    )
    balancer = Balancer(nodes, choices=random.Random(choices.random()))
    crowd = Crowd(number, clock=clock, tally=tally, choices=random.Random(choices.random()))
    try:
        async with asyncio.TaskGroup() as tasks:
            for node in nodes:
                tasks.create_task(node.start())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(crowd.visit(*await balancer.start()))
            deployment = Deployment(nodes, balancer, clock=clock, choices=choices)
            rotations = Rotations(operator, deployment, crowd, clock=clock)
            if options.control:
                await rotations.rotate_wrongly(nodes, tally)
            else:
                await rotate(rotations, deployment, is_quick=options.quick)
            crowd.close()
        async with asyncio.TaskGroup() as tasks:
            for node in nodes:
                tasks.create_task(node.stop())
    finally:
        for node in nodes:
            node.kill()
        await balancer.close()
        tally.ignored_files = sum(node.count_ignored_files() for node in nodes)
        print(f"{(clock.now - clock.started_at) / 60:.0f} minutes passed on the drill's clock")


async def rotate(rotations: Rotations, deployment: Deployment, *, is_quick: bool) -> None:
    """Rotate the ring three times; once if ``is_quick``."""
    print(f"rotation by keyring rotate --in-place: {deployment.choose_nodes()}")
    await rotations.rotate_by_stages(in_place=True)
    if not is_quick:
        print(f"rotation by keyring rotate, printed: {deployment.choose_nodes()}")
        await rotations.rotate_by_stages(in_place=False)
        print(f"rotation by keygen and README's three steps: {deployment.choose_nodes()}")
        await rotations.rotate_by_hand()
    await deployment.catch_up()


if __name__ == "__main__":
    sys.exit(main())
