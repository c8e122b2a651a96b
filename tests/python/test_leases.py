"""Who has what of a chip: stories, buffers, circular buffers and kernels keep out of each other."""

from collections.abc import Iterator

import numpy as np
import pytest

import tilewright as tw
import zork_tt
from tilewright import metalium
from tilewright.zmachine import Game, layout

BASE = layout.BASE
L1 = tw.Placement.l1(0, 0)
WAIT = "void kernel_main() { riscv_wait(2000); }"


@pytest.fixture
def full() -> Iterator[tw.Device]:
    with tw.open("full") as device:
        yield device


def held(device: tw.Device) -> list[tuple[str, str]]:
    return [(each.resource, each.holder) for each in device.leases]


def test_a_story_does_not_write_over_a_buffer(full: tw.Device) -> None:
    x = full.put(np.full(64, 0x5A, np.uint8), L1)
    with pytest.raises(tw.BusyError) as caught:
        Game(device=full)
    assert "the game of darksilicon.z3" in str(caught.value)
    assert "a buffer of 64 bytes" in str(caught.value)
    assert (x.numpy() == 0x5A).all()
    assert len(full.leases) == 1, "what the game took is given back"
    # On another tile both are right.
    with Game(device=full, core=(1, 0)) as game:
        game.read()
        assert (x.numpy() == 0x5A).all()
        assert game.instructions > 0


def test_a_buffer_does_not_lie_in_a_story(full: tw.Device) -> None:
    with Game(device=full) as game:
        game.read()
        instructions = game.instructions
        x = full.put(np.full(64, 0x5A, np.uint8), L1)
        assert x.address >= BASE + layout.AREA_BYTES
        assert game.instructions == instructions
        game.send("look")
        assert (x.numpy() == 0x5A).all()
        with pytest.raises(
            tw.OutOfMemoryError, match=r"most is taken by the game of darksilicon\.z3"
        ):
            full.empty(1 << 20, np.uint8, L1)


def test_stories_go_where_there_is_room(full: tw.Device) -> None:
    x = full.put(np.zeros(64, np.uint8), L1)
    with zork_tt.init_device(device=full) as zork:
        zork_tt.load_game(zork, tw.zmachine.story.read_story(None)[1])
        assert zork.game.core[:2] == (1, 0)
        with zork.game.fork() as twin:
            assert twin.core[:2] == (2, 0)
            assert x.address == BASE
            with pytest.raises(tw.BusyError, match="the game of story"):
                Game(device=full, core=(2, 0, 1))


def test_a_story_and_a_circular_buffer(full: tw.Device) -> None:
    with Game(device=full) as game:
        game.read()
        state = game.state()
        program = metalium.Program(full)
        address = program.create_circular_buffer([(0, 0)], 0, page_size=64, pages=2)
        assert address >= BASE + layout.AREA_BYTES
        program.create_kernel(WAIT, [(0, 0)], name="k.cpp", processor="riscv_1")
        program.run()
        assert game.state() == state


def test_a_busy_core_names_both_kernels(full: tw.Device) -> None:
    with Game(device=full) as game:
        game.start(100)
        full.advance_to(full.cycle + 100)
        program = metalium.Program(full)
        program.create_kernel(WAIT, [(0, 0)], name="k.cpp")
        with pytest.raises(tw.BusyError, match=r"is busy: kernel 'k.cpp' .* kernel 'zmachine'"):
            program.run()
        assert ("core (0, 0, 0)", "kernel 'zmachine'") in held(full)
        game.finish()


def test_workers_of_a_graph_are_kernels_as_others() -> None:
    with tw.open("ascend") as chip:
        x = chip.zeros(16, placement=tw.Placement.bank(0))
        graph = tw.Graph(chip)
        graph.add("add_scalar", [x, 1.0, x, 16])
        other = tw.Kernel.builtin("wait_forever")
        chip.launch(other, cores=[(0, 0, 1)], args=[chip.doorbell(), 1])
        with pytest.raises(tw.BusyError, match=r"is busy: .*graph_worker.*wait_forever"):
            graph.run()
        chip.abort()
        graph.run()
        assert (x.numpy() == 1).all()


def test_a_lease_in_python(device: tw.Device) -> None:
    lease = device.lease_l1((0, 0), BASE, 100, "me")
    assert lease.valid
    assert (lease.holder, held(device)) == ("me", [(lease.resource, "me")])
    assert device.put(np.zeros(4), L1).address == BASE + 128
    with pytest.raises(tw.BusyError, match=r"you cannot have it beside me"):
        device.lease_l1((0, 0), BASE + 99, 1, "you")
    lease.release()
    lease.release()
    assert not lease.valid
    assert device.leases == []


def test_a_lease_that_is_dropped_ends_and_one_that_outlives_its_chip_is_harmless() -> None:
    device = tw.open("tiny")
    device.lease_l1((0, 0), BASE, 100, "me")
    assert device.leases == []
    lease = device.lease_l1((0, 0), BASE, 100, "me")
    device.close()
    assert not lease.valid
    lease.release()
    with pytest.raises(tw.Error, match="closed"):
        device.leases  # noqa: B018


def test_leases_come_with_snapshots(full: tw.Device) -> None:
    with Game(device=full) as game:
        game.read()
        image = full.snapshot()
        with tw.open("full") as other:
            other.restore(image)
            [holding] = other.leases
            assert holding.holder == "the game of darksilicon.z3"
            with pytest.raises(tw.BusyError, match="the game of darksilicon"):
                Game(device=other)
            other.release(holding)
            with Game(device=other) as again:
                assert again.read() == game.text
        full.restore(image)
        assert len(full.leases) == 1
    assert full.leases == []


def test_what_belongs_to_a_closed_chip_belongs_to_no_other() -> None:
    with tw.open("tiny") as device:
        bell = device.doorbell(3)
        semaphore = device.semaphore(3)
        buffer = device.put(np.zeros(4, np.float32))
        event = device.queue().record()
    kernel = tw.Kernel.builtin("wait_forever")
    for _ in range(8):
        with tw.open("tiny") as other:
            for word in (bell, semaphore):
                with pytest.raises(tw.Error, match="belongs to another device"):
                    other.ring(word, (0, 0))
            with pytest.raises(tw.Error, match="belongs to another device"):
                other.run(kernel, cores=[(0, 0)], args=[bell])
            with pytest.raises(tw.Error, match=r"another device|closed"):
                other.run(kernel, cores=[(0, 0)], args=[buffer])
            with pytest.raises(tw.Error, match="belongs to another device"):
                other.queue().wait(event)
            with pytest.raises(tw.Error, match=r"another device|closed"):
                other.queue().write(buffer, np.zeros(4, np.float32))


def test_engines_and_graphs_take_nothing_of_another_chip() -> None:
    with tw.open("kpu") as one, tw.open("kpu") as other:
        bank = tw.Placement.bank(0)
        x, y = other.zeros(16, placement=bank), other.zeros(16, placement=bank)
        foreign, flag = one.zeros(16, placement=bank), one.flag()
        with pytest.raises(tw.ArgumentError, match=r"source: .* belongs to another device"):
            other.dma(foreign, y)
        with pytest.raises(tw.ArgumentError, match="wait: flag 0 belongs to another device"):
            other.dma(x, y, wait=(flag, 1))
        with pytest.raises(tw.ArgumentError, match="signal: flag 0 belongs to another device"):
            other.dma(x, y, signal=flag)
        assert other.finish().cycles == 0
    with tw.open("ascend") as one, tw.open("ascend") as other:
        x = one.zeros(16, placement=bank)
        graph = tw.Graph(other)
        graph.add("add_scalar", [x, 1.0, x, 16])
        with pytest.raises(tw.ArgumentError, match="belongs to another device"):
            graph.run()
        graph.run(one)
        assert (x.numpy() == 1).all()
