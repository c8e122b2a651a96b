"""Every public function, method and class, given anything at all: it works, or raises an error of
the project. New ones are found by themselves; a class whose methods take arguments has to say below
how one of it is made."""

import importlib
import inspect
import io
import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, redirect_stdout
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts.check_reference import PACKAGES

import pto_runtime
import stillwater_kpu
import stillwater_kpu_native
import stillwater_toplevel
import tilewright as tw
import zork_tt
from stillwater_kpu import analysis
from tilewright import agents, metalium, movement, sweep, zmachine
from tilewright.agents import gym
from tilewright.annotations import signature_of
from tilewright.arguments import names_one_of
from tilewright.zmachine.story import read_story

HOSTILE: list[Any] = [
    None, "", "text", b"", b"xyz", -1, 0, 1, 2**31, 2**63, 2**70, -(2**70), 1.5, float("nan"),
    float("inf"), [], {}, (), object(), (0, 0), (9, 9), (0, "x"), [None], np.array([]),
    np.array([object()], object), np.float32(2), True, np.ones((2, 2)), range(3), set(), int,
    lambda: 0, "tiny", "a.json",
]  # fmt: skip


class World:
    """What calls are tried with: a small device and what there is on one."""

    def __init__(self) -> None:
        self.device = tw.open("tiny")
        self.buffer = self.device.zeros(16)
        self.kernel = tw.Kernel.builtin("message")
        self.queue = self.device.queue()
        self.game: zmachine.Game | None = None
        self.good: list[Any] = [
            self.device, self.buffer, self.kernel, self.queue, self.device.semaphore(),
            [self.buffer], (0, 0), [(0, 0)], 1, 4, 16, "int32", tw.Placement.bank(0),
            np.ones(4, np.float32), [self.buffer, 1, 2],
        ]  # fmt: skip

    def snapshot(self) -> tw.Snapshot:
        return self.device.snapshot()

    def readback(self) -> tw.Readback:
        return self.queue.read(self.buffer)

    def report(self) -> analysis.Report:
        return analysis.PerformanceAnalyzer().analyze(STATISTICS)

    def graph_run(self) -> tw.GraphRun:
        with tw.open("ascend") as device:
            graph = tw.Graph(device)
            graph.add("add", [0, 0, 0, 0])
            return graph.run()

    def prepared_graph(self) -> tw.PreparedGraph:
        graph = tw.Graph(tw.open("ascend"))
        graph.add("add", [0, 0, 0, 0])
        return graph.prepare()


STORY = read_story(None)[1]
STATISTICS = {"cycles": 5}

#: How one of a class is made whose methods are tried.
MADE: dict[type, Callable[[World], object]] = {
    tw.ChipConfig: lambda w: w.device.config,
    tw.Counters: lambda w: w.device.counters,
    tw.CounterGroup: lambda w: w.device.counters.noc0,
    tw.Device: lambda w: w.device,
    tw.Buffer: lambda w: w.buffer,
    tw.TiledBuffer: lambda w: w.device.put_tiles(np.ones((3, 4), np.float32)),
    tw.Queue: lambda w: w.queue,
    tw.Kernel: lambda w: w.kernel,
    tw.Graph: lambda w: tw.Graph(w.device),
    tw.GraphRun: World.graph_run,
    tw.PreparedGraph: World.prepared_graph,
    tw.Program: lambda w: tw.Program(),
    tw.Readback: World.readback,
    tw.Snapshot: World.snapshot,
    tw.SnapshotChanges: lambda w: w.snapshot().changes_since(w.snapshot()),
    metalium.Program: lambda w: metalium.Program(w.device),
    metalium.TileProgram: lambda w: metalium.TileProgram(w.device),
    movement.Operand: lambda w: movement.Operand(1),
    movement.Sequencer: lambda w: movement.Sequencer(w.device),
    sweep.ResultsFile: lambda w: sweep.ResultsFile("rows.csv", []),
    zmachine.Game: lambda w: zmachine.Game(STORY, device=w.device),
    zmachine.GameBatch: lambda w: zmachine.GameBatch([STORY], w.device),
    agents.FrotzEnv: lambda w: agents.FrotzEnv(STORY),
    gym.StoryEnv: lambda w: gym.StoryEnv(STORY),
    gym.StoryVectorEnv: lambda w: gym.StoryVectorEnv(2, story=STORY, device=w.device),
    analysis.PerformanceAnalyzer: lambda w: analysis.PerformanceAnalyzer(),
    analysis.Report: World.report,
    analysis.Comparison: lambda w: analysis.PerformanceAnalyzer().analyze([STATISTICS]),
    stillwater_kpu.KPUSimulator: lambda w: stillwater_kpu.KPUSimulator(),
    stillwater_kpu_native.KPUSimulator: lambda w: stillwater_kpu_native.KPUSimulator(),
    stillwater_kpu_native.MainMemory: lambda w: stillwater_kpu_native.KPUSimulator().main_memory(),
    stillwater_toplevel.SystemSimulator: lambda w: stillwater_toplevel.SystemSimulator(),
    pto_runtime.Graph: lambda w: pto_runtime.Graph(),
    pto_runtime.DeviceRunner: lambda w: pto_runtime.DeviceRunner(),
    zork_tt.ZorkDevice: lambda w: zork_tt.init_device(w.device),
}
#: What is left out, and why.
LEFT_OUT = {
    "get": "of Mapping, as dictionaries have it",
    "count": "of tuples",
    "index": "of tuples",
    "play": "talks to a terminal",
}


def always(call: Callable[..., Any]) -> Callable[[World], Callable[..., Any]]:
    return lambda w: call


def of_one_made(kind: type, method: str) -> Callable[[World], Callable[..., Any]]:
    return lambda w: getattr(MADE[kind](w), method)


def calls() -> Iterator[tuple[str, Callable[[World], Callable[..., Any]]]]:
    """A name, and what gives the call that is tried."""
    seen: set[object] = set()
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            value = getattr(module, name)
            if not (inspect.isclass(value) or inspect.isfunction(value)) or value in seen:
                continue
            seen.add(value)
            if not inspect.isclass(value):
                yield f"{package}.{name}", always(value)
            elif not issubclass(value, (BaseException, Enum)):
                if value.__module__ != "tilewright._core":  # users are given those
                    yield f"{package}.{name}()", always(value)
                yield from methods(f"{package}.{name}", value)


def methods(name: str, kind: type) -> Iterator[tuple[str, Callable[[World], Callable[..., Any]]]]:
    for method in dir(kind):
        found = inspect.getattr_static(kind, method)
        if method.startswith("_") or not callable(getattr(kind, method)) or method in LEFT_OUT:
            continue
        home = next(base for base in kind.__mro__ if method in vars(base))
        if home.__module__.startswith("gymnasium"):
            continue
        if isinstance(found, (staticmethod, classmethod)):
            yield f"{name}.{method}", always(getattr(kind, method))
        elif set(signature_of(found).parameters) - {"self"}:
            assert kind in MADE, f"{name} has methods with arguments: say how one is made (MADE)"
            yield f"{name}.{method}", of_one_made(kind, method)


CALLS = dict(calls())


def arguments(call: Callable[..., Any], pick: Callable[[], Any], chance: random.Random) -> Any:
    """Positional ones and those with names, of any value; what has a default is often left out."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in signature_of(call).parameters.values():
        optional = parameter.default is not parameter.empty
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += [pick() for _ in range(chance.randrange(3))]
        elif parameter.kind is parameter.VAR_KEYWORD or (optional and chance.random() < 0.6):
            continue
        elif parameter.kind is parameter.KEYWORD_ONLY or optional:
            named[parameter.name] = pick()
        else:
            positional.append(pick())
    return positional, named


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_anything_is_taken_or_refused_by_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(name + os.environ.get("SEED_OF_ARGUMENTS", ""))
    for _ in range(8):
        world = World()
        with world.device:
            call = CALLS[name](world)
            values = [*HOSTILE, *world.good, *world.good]
            positional, named = arguments(call, partial(chance.choice, values), chance)
            try:
                with redirect_stdout(io.StringIO()):
                    result = call(*positional, **named)
                    if isinstance(result, AbstractContextManager) and name.endswith("trace"):
                        with result:
                            pass
                    elif isinstance(result, Iterator):
                        list(islice(result, 5))
            except tw.ArgumentError as error:
                known = {*signature_of(call).parameters, *named}
                if not names_one_of(str(error), known):
                    pytest.fail(f"{name} names no argument: {error}")
            except tw.Error:
                pass
            except SystemExit as end:
                pytest.fail(f"{name} ends the process: {end}")


def test_messages_name_the_argument_and_what_was_expected(device: tw.Device) -> None:
    queue = device.queue()
    x = device.zeros(4)
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: device.advance_to("x"), "advance_to: cycle: expected an integer, got str 'x'"),  # type: ignore[arg-type]
        (lambda: device.semaphore(-1), r"semaphore: initial: expected 0 to 2\^64 - 1, got int -1"),
        (lambda: device.zeros((1, "x")), "zeros: shape: expected an integer or a list of integers"),  # type: ignore[arg-type]
        (lambda: queue.write(3, x), "write: buffer: expected a Buffer, got int 3"),  # type: ignore[arg-type]
        (lambda: device.zeros(), "zeros: missing a required argument: 'shape'"),  # type: ignore[call-arg]
        (lambda: device.zeros(4, colour=1), "zeros: got an unexpected keyword argument 'colour'"),  # type: ignore[call-arg]
        (lambda: tw.Kernel.builtin(None), "builtin: name: expected text, got None"),  # type: ignore[arg-type]
        (lambda: tw.Placement.bank("x"), "bank: bank: expected an integer, got str 'x'"),  # type: ignore[arg-type]
        (lambda: tw.Placement.bank(-1), r"bank: bank: expected 0 to 2\^64 - 1, got int -1"),
        (lambda: device.config.replace("x", "y"), "replace: value: expected an integer or a n"),  # type: ignore[arg-type]
    ]
    for call, message in cases:
        with pytest.raises(tw.ArgumentError, match=message):
            call()


def test_errors_of_the_caller_pass_as_they_are(device: tw.Device) -> None:
    class Odd(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            raise KeyError(key)

        def __iter__(self) -> Iterator[str]:
            raise ZeroDivisionError("mine")

        def __len__(self) -> int:
            return 1

    with pytest.raises(ZeroDivisionError, match="mine"):
        tw.load_config(Odd())

    def progress(_: int) -> None:
        raise ValueError("mine, too")

    with tw.open("ascend") as chip:
        x = chip.zeros(4000, placement=tw.Placement.bank(0))
        graph = tw.Graph(chip)
        for _ in range(3000):
            graph.add("add_scalar", [x, 1.0, x, 4000])
        with pytest.raises(ValueError, match="mine, too") as caught:
            graph.run(progress=progress)
        assert not isinstance(caught.value, tw.Error)


def test_what_a_script_gets_wrong_is_refused_the_same_way(tmp_path: Path) -> None:
    """A script is the caller's code, but what it calls is not."""
    import subprocess
    import sys

    script = tmp_path / "script.py"
    script.write_text("import tilewright as tw\ntw.open('tiny').advance_to([])\n")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=dict(os.environ)
    )
    assert "ArgumentError: advance_to: cycle: expected an integer, got list []" in done.stderr
