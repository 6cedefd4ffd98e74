"""The rotations: the operator's commands, and which node gets which ring at which step."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cookiejar_session import Keyring

from .balancer import Balancer
from .clock import DrillClock
from .nodes import PAUSE, Node, make_environment
from .tally import Tally
from .visitors import Crowd

# In seconds. The longest that a clock is ahead, and the idle timeout of node/drill_sessions.py.
SECONDS_AHEAD, IDLE_TIMEOUT = 50, 600
# From adding a key until it seals. keyring rotate demands 120 seconds; the drill's deployments and its lag take longer.
ACTIVATE_IN = 300
# The most that a deployment takes on the drill's clock: a file is read again within 10 seconds. The clock stops while
# servers restart.
DEPLOYMENT = 12
# How long the others work with a ring that the lagging node does not have.
LAG = 60
# The two faults of the control.
NEW_KEY_MISSING, KEY_DROPPED = "a node without the new key", "the key in use dropped"
# The options of the stages add and promote.
ADD = ("--activate-in", f"{ACTIVATE_IN}s")
PROMOTE = ("--retire-after", f"{IDLE_TIMEOUT}s", "--idle-timeout", f"{IDLE_TIMEOUT}s")
BROKEN_FILES = ("", "cjk1_broken\n", "cjk1_AAAA@from=soon", "\0" * 60)


class Operator:
    """Runs the commands of the package. ``ring_text`` is the ring as the operator has it."""

    def __init__(self, folder: Path, clock: Path) -> None:
        self._file = folder / "operator.keys"
        self._environment = make_environment(clock)
        self.ring_text = ""

    async def create_ring(self) -> None:
        await self._run("keyring", "rotate", "--in-place", str(self._file), "--stage", "create")
        self.ring_text = self._file.read_text()

    async def make_key(self) -> str:
        """Return the text of a new key."""
        key_text: str = (await self._run("keygen"))["key_text"]
        return key_text

    async def take_stage(self, *options: str, in_place: bool) -> int:
        """Take the next stage of a rotation, in the file or for the environment.

        Return the time from which the stage after it is safe, in Unix seconds.
        """
        arguments = ["keyring", "rotate", *options]
        if in_place:
            done = await self._run(*arguments, "--in-place", str(self._file))
            self.ring_text = self._file.read_text()
        else:
            done = await self._run(*arguments, COOKIEJAR_SESSION_KEYS=self.ring_text)
            self.store_ring(done["ring"])
        return int(datetime.fromisoformat(done["next"]["not_before"]).timestamp())

    def store_ring(self, ring_text: str) -> None:
        self.ring_text = ring_text
        self._file.write_text(ring_text)

    def find_primary(self, now: float) -> str:
        """Return the id of the key that seals at ``now``."""
        return Keyring.parse(self.ring_text, now=now).ring(int(now)).primary(int(now)).key.key_id.hex()

    async def _run(self, *arguments: str, **variables: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cookiejar_session", *arguments, "--json"),
            env=self._environment | variables,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise AssertionError(f"cookiejar-session {' '.join(arguments)} ended with status {process.returncode}")
        return json.loads(output)


class Deployment:
    """Puts rings on the nodes, step by step. In each rotation, another node lags and another one has broken files."""

    def __init__(self, nodes: Sequence[Node], balancer: Balancer, *, clock: DrillClock, choices: random.Random) -> None:
        self._nodes = nodes
        self._balancer = balancer
        self._clock = clock
        self._choices = choices
        self._lagging = self._broken = nodes[0]
        # The nodes that do not have the ring of the last step.
        self._late: list[Node] = []
        self._late_ring = ""

    def choose_nodes(self) -> str:
        """Choose the node that lags and the one whose file is broken. Return a text that names them."""
        steady = [node for node in self._nodes if not node.seconds_ahead]
        self._broken = self._choices.choice([node for node in steady if node.has_file])
        self._lagging = self._choices.choice([node for node in steady if node is not self._broken])
        return f"{self._lagging.name} lags, {self._broken.name} has a broken file"

    async def take_step(self, ring_text: str) -> None:
        """Put a ring on all nodes but the lagging one and the broken one, which get the ring of the step before."""
        await self.catch_up()
        ignored = self._broken.count_ignored_files()
        self._broken.write_file(self._choices.choice(BROKEN_FILES))
        await self.put(ring_text, [node for node in self._nodes if node not in (self._lagging, self._broken)])
        while self._broken.count_ignored_files() == ignored:
            await self._broken.list_entries()
            await asyncio.sleep(PAUSE)
        self._late, self._late_ring = [self._lagging, self._broken], ring_text

    async def catch_up(self) -> None:
        """Put the ring of the last step on the nodes that do not have it."""
        if self._late:
            await self.put(self._late_ring, self._late)
        self._late = []

    async def put(self, ring_text: str, nodes: Sequence[Node]) -> None:
        """Put a ring on nodes, and wait until they use it. Those without a file are restarted one after the other."""
        self._clock.limit = self._clock.now
        for node in nodes:
            node.ring_text = ring_text
            if node.has_file:
                node.write_file(ring_text)
                continue
            await self._balancer.drain(node)
            await node.stop()
            await node.start()
            self._balancer.restore(node)
        self._clock.limit += DEPLOYMENT
        wanted = [repr(entry) for entry in Keyring.parse(ring_text, now=self._clock.now).ring(0).entries]
        for node in nodes:
            while await node.list_entries() != wanted:
                await asyncio.sleep(PAUSE)


class Rotations:
    """The three rotations of the drill, and the wrong one of the control."""

    def __init__(self, operator: Operator, deployment: Deployment, crowd: Crowd, *, clock: DrillClock) -> None:
        self._operator = operator
        self._deployment = deployment
        self._crowd = crowd
        self._clock = clock

    async def rotate_by_stages(self, *, in_place: bool) -> None:
        """Rotate by ``keyring rotate``: in a file, or printed for an environment variable."""
        operator, deployment, crowd = self._operator, self._deployment, self._crowd
        replaced_key = operator.find_primary(self._clock.now)
        seals_from = await operator.take_stage(*ADD, in_place=in_place)
        await deployment.take_step(operator.ring_text)
        await self._pass_time(LAG)
        await deployment.catch_up()
        # Three deployments and the lag are shorter than that.
        assert self._clock.now < seals_from - SECONDS_AHEAD
        await crowd.reach(seals_from + 1)
        crowd.replaced_key = replaced_key
        ends_at = await operator.take_stage(*PROMOTE, in_place=in_place)
        await deployment.take_step(operator.ring_text)
        await crowd.reach(ends_at + 1)
        await operator.take_stage(in_place=in_place)
        await deployment.take_step(operator.ring_text)
        await self._pass_time(LAG)
        crowd.replaced_key = None

    async def rotate_by_hand(self) -> None:
        """Rotate by the three steps of README, "Rotation in three steps", with ``keygen``.

        After the second step, some nodes seal with the new key, and the lagging one with the old key. So a token may be
        sealed with one and then with the other. It is resealed in one direction only, for the lag ends before a token
        is old enough to be resealed. The old key is dropped an idle timeout after the last node has the second step.
        """
        operator, deployment, crowd = self._operator, self._deployment, self._crowd
        replaced_key = operator.find_primary(self._clock.now)
        old, new = operator.ring_text.strip(), await operator.make_key()
        await deployment.take_step(f"{old} {new}")
        await self._pass_time(LAG)
        await deployment.take_step(f"{new} {old}")
        await self._pass_time(LAG)
        await deployment.catch_up()
        crowd.replaced_key = replaced_key
        await self._pass_time(IDLE_TIMEOUT)
        await deployment.take_step(new)
        await self._pass_time(LAG)
        operator.store_ring(new)
        crowd.replaced_key = None

    async def rotate_wrongly(self, nodes: Sequence[Node], tally: Tally) -> None:
        """Log visitors out: one node gets the new key too late, and then the key in use is dropped at once."""
        operator, deployment, crowd = self._operator, self._deployment, self._crowd
        tally.part = NEW_KEY_MISSING
        seals_from = await operator.take_stage(*ADD, in_place=True)
        await deployment.put(operator.ring_text, nodes[1:])
        await crowd.reach(seals_from + 2 * LAG)
        # With few visitors, it takes some time until one gets a cookie of the new key and asks this node.
        for _ in range(10):
            if not tally.logouts[NEW_KEY_MISSING]:
                await self._pass_time(LAG)
        tally.part = KEY_DROPPED
        await deployment.put(await operator.make_key(), nodes)
        await self._pass_time(LAG)

    async def _pass_time(self, seconds: int) -> None:
        await self._crowd.reach(self._clock.now + seconds)
