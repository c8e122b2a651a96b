"""Threads as users have them: a device in each gives what it gives alone, and one device is shared
only as far as queues and dropped buffers go."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import sweep
from tilewright.zmachine import Game, GameBatch

BANK = tw.Placement.bank(0)


def product(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    a, b = rng.random((40, 50), np.float32), rng.random((50, 30), np.float32)
    with tw.open("kpu") as device:
        result = device.matmul(a, b).numpy()
        np.testing.assert_allclose(result, a @ b, rtol=1e-5)
        return result.tobytes(), dict(device.counters)


def graph(seed: int) -> Any:
    with tw.open("ascend") as device:
        x = device.put(np.arange(seed, seed + 8, dtype=np.float32), placement=BANK)
        tasks = tw.Graph(device)
        for _ in range(20):
            tasks.add(1, [x, 1.0, x, 8], reads=[x], writes=[x])
        run = tasks.run()
        np.testing.assert_array_equal(x.numpy(), np.arange(seed + 20, seed + 28))
        return run.cycles, dict(device.counters)


def games(seed: int) -> Any:
    with tw.open("tiny") as device, GameBatch(3, device, seeds=[seed] * 3) as batch:
        texts = [batch.read(), batch.send(["look"] * 3), batch.send(["inventory"] * 3)]
        return texts, batch[0].state(), device.cycle


def swept(seed: int) -> Any:
    layers = [sweep.Gemm("a", 8 + seed, 8, 8)]
    return list(sweep.run(sweep.points(layers, "kpu", {"systolic_rows": [4, 8]}, ("os", "ws"))))


@pytest.mark.parametrize("work", [product, graph, games, swept])
def test_devices_in_threads_do_what_they_do_alone(work: Callable[[int], Any]) -> None:
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, range(4)))
    assert together == [work(seed) for seed in range(4)]


def test_a_game_in_each_thread_tells_the_same_story() -> None:
    def play(_: int) -> list[str]:
        with Game() as game:
            return [game.read(), *(game.send(line) for line in ("look", "inventory", "wait"))]

    with ThreadPoolExecutor(4) as pool:
        stories = list(pool.map(play, range(4)))
    assert stories == [stories[0]] * 4


def test_queues_are_filled_and_buffers_dropped_while_another_thread_finishes(
    device: tw.Device, double_kernel: tw.Kernel
) -> None:
    """The memory of what was dropped is there again at the end."""
    rounds = 60
    queues = [device.queue() for _ in range(2)]
    buffers = [[device.put(np.full(256, i, np.uint32)) for i in range(rounds)] for _ in queues]
    pinned = [device.pin(np.zeros(64, np.uint32)) for _ in range(rounds)]
    free = device.empty(1).address
    brought: list[list[Any]] = [[], []]

    def fill(number: int) -> None:
        for _ in range(rounds):
            data = buffers[number].pop()
            queues[number].run(double_kernel, [(number, 0)], [data, 256])
            brought[number].append(queues[number].read(data))
            if number == 0:
                pinned.pop()

    threads = [threading.Thread(target=fill, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for queue in queues:
            queue.finish()
    for number, queue in enumerate(queues):
        queue.finish()
        for i, readback in enumerate(reversed(brought[number])):
            np.testing.assert_array_equal(readback.numpy(), np.full(256, 2 * i))
    assert device.empty(1).address < free
