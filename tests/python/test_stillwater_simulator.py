"""`stillwater_kpu.KPUSimulator`: what its users' scripts do, memories against NumPy, time, and what
is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import stillwater_kpu as kpu
import stillwater_kpu_native
import tilewright as tw

MEMORIES = (
    "host_memory",
    "memory_bank",
    "l3_tile",
    "l2_bank",
    "l1_buffer",
    "scratchpad",
    "page_buffer",
)


def call(sim: kpu.KPUSimulator, name: str, *arguments: Any) -> Any:
    """A method whose name is put together."""
    return getattr(sim, name)(*arguments)


# --- What every user starts with ----------------------------------------------------------------


def test_the_script_that_everybody_starts_with() -> None:
    config = kpu.SimulatorConfig()
    config.memory_bank_count = 2
    config.memory_bank_capacity_mb = 64
    config.scratchpad_count = 2
    config.scratchpad_capacity_kb = 256
    config.dma_engine_count = 4
    sim = kpu.KPUSimulator(config)
    assert sim.get_memory_bank_count() == 2
    assert sim.get_scratchpad_count() == 2
    assert sim.get_dma_engine_count() == 4

    data = [float(i) for i in range(256)]
    sim.write_memory_bank(0, 0, data)
    source = sim.get_external_bank_base(0) + 0
    destination = sim.get_scratchpad_base(0) + 0
    assert f"0x{source:08x}" == "0x100000000"
    assert f"0x{destination:08x}" == "0x180100000"
    complete = [False]

    def on_complete() -> None:
        complete[0] = True

    sim.dma_external_to_scratchpad(0, source, destination, 1024, on_complete)
    assert sim.is_dma_busy(0)
    assert not complete[0]
    sim.run_until_idle()
    assert complete[0]
    assert not sim.is_dma_busy(0)
    assert sim.read_scratchpad(0, 0, 256) == data
    assert sim.get_current_cycle() == 145
    assert f"{sim.get_elapsed_time_ms():.6f}" == "0.000145"
    assert sim.get_host_time_ms() > 0


def test_host_to_external_to_scratchpad(sim: kpu.KPUSimulator) -> None:
    data = [float(i * 2) for i in range(128)]
    sim.write_host_memory(0, 0, data)
    bank, pad = sim.get_external_bank_base(0), sim.get_scratchpad_base(0)
    sim.dma_host_to_external(0, sim.get_host_memory_region_base(0), bank, 512)
    sim.run_until_idle()
    sim.dma_external_to_scratchpad(1, bank, pad, 512)
    sim.run_until_idle()
    assert sim.read_scratchpad(0, 0, 128) == data


def test_simulator_by_sizes() -> None:
    for simulator in (
        kpu.Simulator(main_memory_size=1 << 24, scratchpad_size=1 << 16),
        kpu.Simulator(1 << 24, 1 << 16),
    ):
        with simulator as sim:
            assert sim.main_memory_size == 1 << 24
            assert sim.scratchpad_size == 1 << 16
            assert sim.get_scratchpad_count() == 1
            assert sim.get_memory_bank_count() == 1
    assert kpu.Simulator is kpu.KPUSimulator
    with kpu.Simulator(1 << 24) as sim:
        assert (sim.main_memory_size, sim.scratchpad_size) == (1 << 24, 1 << 20)
    with kpu.Simulator(scratchpad_size=1 << 18) as sim:
        assert (sim.main_memory_size, sim.scratchpad_size) == (1 << 30, 1 << 18)
    with kpu.create_simulator() as sim:
        assert (sim.main_memory_size, sim.scratchpad_size) == (1 << 30, 64 * 1024)


@pytest.mark.parametrize(
    ("arguments", "sizes"),
    [
        ((), (1 << 30, 1 << 20)),
        ((1 << 24,), (1 << 24, 1 << 20)),
        ((1 << 24, 1 << 16), (1 << 24, 1 << 16)),
        ((kpu.SimulatorConfig(),), (1 << 30, 1 << 16)),
    ],
)
def test_the_native_simulator_has_its_sizes_as_methods(
    arguments: tuple[Any, ...], sizes: tuple[int, int]
) -> None:
    with stillwater_kpu_native.KPUSimulator(*arguments) as sim:
        assert (sim.main_memory_size(), sim.scratchpad_size()) == sizes
        assert sim.get_scratchpad_capacity(0) == sizes[1]
        assert sim.main_memory().size == sizes[0]
        count = 2 if arguments and arguments[0] == kpu.SimulatorConfig() else 1
        assert (sim.get_memory_bank_count(), sim.get_scratchpad_count()) == (count, count)


@pytest.mark.parametrize("size", [0, -1, "2", 1.5])
def test_sizes_that_cannot_be_are_named(size: Any) -> None:
    for cls in (kpu.KPUSimulator, stillwater_kpu_native.KPUSimulator):
        for name in ("main_memory_size", "scratchpad_size"):
            with pytest.raises(tw.ConfigError, match=f"{name}: .*{size}") as caught:
                cls(**{name: size})
            assert "\n" not in str(caught.value)


def test_defaults_are_those_of_the_documentation() -> None:
    sim = kpu.KPUSimulator()
    shape = {
        "host_memory": (1, 4096 << 20, 0),
        "memory_bank": (2, 1024 << 20, 0x1_0000_0000),
        "l3_tile": (4, 128 << 10, 0x1_8000_0000),
        "l2_bank": (8, 64 << 10, 0x1_8008_0000),
        "scratchpad": (2, 64 << 10, 0x1_8010_0000),
        "l1_buffer": (4, 64 << 10, 0x1_8020_0000),
        "page_buffer": (2, 16 << 10, 0x1_8030_0000),
    }
    for name, (count, capacity, base) in shape.items():
        assert call(sim, f"get_{name}_count") == count
        for index in range(count):
            assert call(sim, f"get_{name}_capacity", index) == capacity
            assert call(sim, f"get_{name}_base", index) == base + index * capacity
            assert call(sim, f"is_{name}_ready", index) is True
    assert sim.get_block_mover_count() == 4
    assert sim.get_streamer_count() == 8
    assert sim.get_compute_tile_count() == 2
    assert (sim.get_systolic_array_rows(), sim.get_systolic_array_cols()) == (16, 16)
    assert sim.is_using_systolic_arrays()


# --- Memories -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MEMORIES)
def test_lists_come_back_as_lists(sim: kpu.KPUSimulator, name: str) -> None:
    last = call(sim, f"get_{name}_count") - 1
    call(sim, f"write_{name}", last, 64, [1, 2.5, -3])
    result = call(sim, f"read_{name}", last, 60, 5)
    assert result == [0.0, 1.0, 2.5, -3.0, 0.0]
    assert isinstance(result, list)


@settings(max_examples=60)
@given(
    hnp.arrays(
        st.one_of(
            hnp.floating_dtypes(endianness="?"),
            hnp.integer_dtypes(endianness="?"),
            hnp.complex_number_dtypes(endianness="?"),
            hnp.boolean_dtypes(),
        ),
        hnp.array_shapes(max_dims=3, max_side=6),
    ),
    st.sampled_from(MEMORIES),
    st.integers(0, 1000),
)
def test_arrays_of_any_dtype_and_strides(array: npt.NDArray[Any], name: str, offset: int) -> None:
    sim = shared_simulator()
    for source in (array, array.T, array[::-1], array[..., ::2]):
        call(sim, f"write_{name}_numpy", 0, offset, source)
        back = call(sim, f"read_{name}_numpy", 0, offset, source.size, source.dtype)
        assert back.dtype == source.dtype
        np.testing.assert_array_equal(back, source.ravel())


_shared: list[kpu.KPUSimulator] = []


def shared_simulator() -> kpu.KPUSimulator:
    """One simulator for all examples of a property, which would not see each other's data."""
    if not _shared:
        _shared.append(kpu.KPUSimulator())
    return _shared[0]


def test_main_memory_as_bytes() -> None:
    sim = stillwater_kpu_native.KPUSimulator(main_memory_size=1 << 20, scratchpad_size=1 << 16)
    memory = sim.main_memory()
    assert isinstance(memory, stillwater_kpu_native.MainMemory)
    memory.write(100, np.arange(10, dtype=np.uint8))
    memory.write(110, b"\xff")
    result = memory.read(100, 11)
    assert result.dtype == np.uint8
    assert result.tolist() == [*range(10), 255]
    with pytest.raises(tw.AddressError):
        memory.read(1 << 20, 1)
    assert memory.size == 1 << 20


# --- Time ---------------------------------------------------------------------------------------


def test_step_by_step_is_the_same(sim: kpu.KPUSimulator) -> None:
    sim.write_memory_bank(0, 0, [3.0] * 256)
    done: list[int] = []
    sim.dma_external_to_scratchpad(
        0,
        sim.get_memory_bank_base(0),
        sim.get_scratchpad_base(0),
        1024,
        lambda: done.append(sim.get_current_cycle()),
    )
    steps = 0
    while not done:
        sim.step()
        steps += 1
    assert steps == sim.get_current_cycle() == done[0] == 145
    sim.step()
    assert sim.get_current_cycle() == 146


def test_reset_makes_it_new(sim: kpu.KPUSimulator) -> None:
    bank, pad = sim.get_memory_bank_base(0), sim.get_scratchpad_base(0)
    called: list[int] = []
    for _ in range(2):
        assert sim.read_scratchpad(0, 0, 4) == [0.0] * 4
        sim.write_memory_bank(0, 0, [1.0] * 256)
        sim.dma_external_to_scratchpad(0, bank, pad, 1024)
        sim.run_until_idle()
        assert sim.get_current_cycle() == 145
        sim.dma_external_to_scratchpad(0, bank, pad, 1024, lambda: called.append(1))
        sim.step()
        sim.reset()
        assert sim.get_current_cycle() == 0
        assert not sim.is_dma_busy(0)
        assert sim.statistics()["commands"] == []
    sim.run_until_idle()
    assert not called


def test_two_simulators_do_not_meet() -> None:
    first, second = kpu.KPUSimulator(), kpu.KPUSimulator()
    first.write_scratchpad(0, 0, [1.0])
    second.write_scratchpad(0, 0, [2.0])
    bank = first.get_memory_bank_base(0)
    first.dma_scratchpad_to_external(0, first.get_scratchpad_base(0), bank, 4)
    first.run_until_idle()
    assert first.read_memory_bank(0, 0, 1) == [1.0]
    assert second.read_memory_bank(0, 0, 1) == [0.0]
    assert (first.get_current_cycle(), second.get_current_cycle()) == (130, 0)


def test_closed_simulators_say_so() -> None:
    with kpu.KPUSimulator() as sim:
        pass
    with pytest.raises(tw.Error, match="closed"):
        sim.run_until_idle()
    sim.close()


# --- What is refused ----------------------------------------------------------------------------

REFUSED: list[tuple[str, tuple[Any, ...], str]] = [
    ("read_scratchpad", (2, 0, 1), "scratchpad 2"),
    ("write_memory_bank", (9, 0, [1.0]), "memory_bank 9"),
    ("read_scratchpad", (-1, 0, 1), "-1"),
    ("read_l2_bank", (0, 65_536, 1), "l2_bank 0"),
    ("read_l2_bank", (0, 65_533, 1), "l2_bank 0"),
    ("read_l1_buffer", (0, 2**64 - 4, 2), "l1_buffer 0"),
    ("read_l1_buffer", (0, 0, -1), "count"),
    ("read_l1_buffer", (0, 0, 2**62), "l1_buffer 0"),
    ("write_page_buffer", (0, 16_380, [1.0, 2.0]), "page_buffer 0"),
    ("get_l3_tile_base", (4,), "l3_tile 4"),
    ("get_l3_tile_capacity", (4,), "l3_tile 4"),
    ("is_host_memory_ready", (1,), "host_memory 1"),
    ("is_dma_busy", (2,), "dma engine 2"),
    ("start_dma_transfer", (2, 0, 0x1_0000_0000, 4), "DMA engine 2"),
    ("start_dma_transfer", (0, 0x1_8010_0000, 0x1_0000_0000, -4), "size"),
    ("start_dma_transfer", (0, 0xF_0000_0000, 0x1_0000_0000, 4), "0xf00000000"),
    ("start_dma_transfer", (0, 2**64 - 4, 0x1_0000_0000, 8), "0xfffffffffffffffc"),
    ("start_dma_transfer", (0, 0x1_8010_FFFC, 0x1_0000_0000, 8), "0x18010fffc"),
    ("start_dma_transfer", (0, 0x1_0000_0000, 0x1_8010_0000, 2**64 - 1), "0x100000000"),
    ("start_dma_transfer", (0, "there", 0, 4), "src_addr: expected a whole number, got str"),
    ("dma_host_to_external", (0, 0x1_0000_0000, 0, 4), "src_addr"),
    ("dma_external_to_scratchpad", (0, 0x1_0000_0000, 0x1_8000_0000, 4), "dst_addr"),
    ("start_block_transfer", (4, 0, 0, 0, 0, 1, 1, 4, "identity"), "block mover 4"),
    ("start_block_transfer", (0, 4, 0, 0, 0, 1, 1, 4, "identity"), "l3_tile 4"),
    ("start_block_transfer", (0, 0, 0, 0, 65_532, 2, 2, 4, "identity"), "l2_bank 0|0x180"),
    ("start_block_transfer", (0, 0, 0, 0, 0, 1, 1, 4, "rotate"), "transform: expected identity"),
    ("start_row_stream", (8, 0, 0, 0, 0, 1, 1, 4, "l2_to_l1"), "streamer 8"),
    ("start_row_stream", (0, 8, 0, 0, 0, 1, 1, 4, "l2_to_l1"), "l2_bank 8"),
    ("start_row_stream", (0, 0, 0, 0, 0, 1, 1, 4, "up"), "direction: expected l2_to_l1"),
    ("start_column_stream", (0, 0, 0, 4, 0, 1, 1, 4, "l2_to_l1"), "l1_buffer 4"),
]


@pytest.mark.parametrize(("method", "arguments", "names"), REFUSED)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(
    sim: kpu.KPUSimulator, method: str, arguments: tuple[Any, ...], names: str
) -> None:
    before = sim.device.snapshot().data
    with pytest.raises(tw.Error, match=f"(?i){names}"):
        call(sim, method, *arguments)
    sim.run_until_idle()
    assert sim.device.snapshot().data == before
    assert sim.get_current_cycle() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_bank_count", -1),
        ("memory_bank_capacity_mb", 0),
        ("scratchpad_capacity_kb", -64),
        ("dma_engine_width_bytes", 0),
        ("clock_mhz", 0.0),
        ("clock_mhz", float("nan")),
        ("memory_bandwidth_gbps", -1.0),
        ("l3_tile_base", -1),
    ],
)
def test_configurations_that_cannot_be(field: str, value: float) -> None:
    config = kpu.SimulatorConfig(**{field: value})
    with pytest.raises(tw.ConfigError, match=f"{field}|dram_bank_bytes|dma_bytes_per_cycle"):
        kpu.KPUSimulator(config)


def test_fields_that_are_not_there() -> None:
    config = kpu.SimulatorConfig()
    with pytest.raises(AttributeError):
        config.memory_bank_cuont = 3  # type: ignore[attr-defined]
    with pytest.raises(tw.ConfigError, match="memory_bank_cuont"):
        kpu.SimulatorConfig(memory_bank_cuont=3)
    with pytest.raises(TypeError):
        config.memory_bank_count = "two"  # type: ignore[assignment]


def test_bases_that_are_named_are_used() -> None:
    config = kpu.SimulatorConfig(scratchpad_base=0x2_0000_0000, l2_bank_base=0x3_0000_0000)
    sim = kpu.KPUSimulator(config)
    assert sim.get_scratchpad_base(1) == 0x2_0000_0000 + 64 * 1024
    sim.write_l2_bank(0, 0, [5.0])
    sim.start_dma_transfer(0, 0x3_0000_0000, 0x2_0000_0000 + 64 * 1024, 4)
    sim.run_until_idle()
    assert sim.read_scratchpad(1, 0, 1) == [5.0]


def test_a_window_that_overflows_moves_what_follows() -> None:
    sim = kpu.KPUSimulator(kpu.SimulatorConfig(l3_tile_count=8, memory_bank_count=1))
    assert sim.get_l3_tile_base(7) == 0x1_8000_0000 + 7 * 128 * 1024
    assert sim.get_l2_bank_base(0) >= sim.get_l3_tile_base(7) + 128 * 1024
    text = sim.component_status()
    assert f"{sim.get_l2_bank_base(0):#x}" in text


# --- Looking ------------------------------------------------------------------------------------


def test_statistics_add_up(sim: kpu.KPUSimulator) -> None:
    bank, pad = sim.get_memory_bank_base(1), sim.get_scratchpad_base(0)
    sim.dma_external_to_scratchpad(1, bank, pad, 1024)
    sim.dma_scratchpad_to_external(1, pad, bank + 512, 100)
    sim.run_until_idle()
    statistics = sim.statistics()
    assert statistics["cycles"] == 145 + 131 == sim.get_current_cycle()
    assert statistics["clock_mhz"] == 1000
    dma = statistics["engines"]["dma1"]
    assert (dma["kind"], dma["commands"], dma["bytes"]) == ("dma", 2, 1124)
    assert dma["busy_cycles"] == 145 + 131
    assert dma["bytes_per_cycle"] == 64
    assert statistics["engines"]["dma0"]["commands"] == 0
    external = statistics["memories"]["external1"]
    assert (external["bytes_read"], external["bytes_written"]) == (1024, 100)
    assert external["bytes_per_cycle"] == 100
    assert external["base"] == bank
    assert statistics["memories"]["scratchpad0"]["bytes_written"] == 1024
    assert [record["bytes"] for record in statistics["commands"]] == [1024, 100]
    first, second = statistics["commands"]
    assert (first["engine"], first["start"], first["end"]) == ("dma1", 0, 145)
    assert (second["source"], second["destination"]) == (pad, bank + 512)
    report = kpu.analysis.PerformanceAnalyzer().analyze(statistics)
    assert report.bottleneck == "dma1"
    assert report.use("dma1").utilisation == 1
    kpu.visualization.plot_performance(statistics)
    assert kpu.visualization.memory_heatmap_data(statistics).memory == "external1"


def test_print_functions_write_to_python(
    sim: kpu.KPUSimulator, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.start_dma_transfer(0, sim.get_memory_bank_base(0), sim.get_scratchpad_base(0), 1024)
    sim.run_until_idle()
    sim.print_stats()
    text = capsys.readouterr().out
    assert "145" in text
    assert "dma0" in text
    sim.print_component_status()
    text = capsys.readouterr().out
    assert "0x180100000" in text
    assert "scratchpad" in text
    assert "145" in repr(sim)
    assert "<table" in sim._repr_html_()


# --- On one chip with others --------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["kpu", "full"])
def test_attached_to_an_open_device(preset: str, tmp_path: Path) -> None:
    with tw.open(preset) as device, device.trace(tmp_path / "run.json"):
        sim = kpu.KPUSimulator(device=device)
        assert sim.device is device
        sim.write_memory_bank(0, 1 << 20, [4.0])
        sim.dma_external_to_scratchpad(
            0, sim.get_memory_bank_base(0) + (1 << 20), sim.get_scratchpad_base(0), 4
        )
        sim.run_until_idle()
        assert sim.read_scratchpad(0, 0, 1) == [4.0]
        assert device.cycle == sim.get_current_cycle() > 0
        assert len(sim.statistics()["commands"]) == 1
        second = kpu.KPUSimulator(device=device)
        assert second.read_scratchpad(0, 0, 1) == [4.0]
        second.close()
        assert device.is_open
    assert "DMA engine 0" in (tmp_path / "run.json").read_text()
    with pytest.raises(tw.Error, match="closed"):
        sim.step()


def test_buffers_stand_for_their_addresses() -> None:
    with tw.open("kpu") as device:
        sim = kpu.KPUSimulator(device=device)
        buffer = device.put(np.arange(100, dtype=np.float32), tw.Placement.bank(1))
        sim.dma_external_to_scratchpad(0, buffer, sim.get_scratchpad_base(1), buffer.nbytes)
        sim.run_until_idle()
        np.testing.assert_array_equal(sim.read_scratchpad_numpy(1, 0, 100), buffer.numpy())
        with pytest.raises(tw.AddressError, match="dst_addr: 404 bytes do not fit into a buffer"):
            sim.dma_scratchpad_to_external(0, sim.get_scratchpad_base(1), buffer, 404)
        with pytest.raises(tw.ArgumentError, match="src_addr"):
            sim.start_dma_transfer(0, device.put(np.zeros(9000)), buffer, 4)


def test_one_device_or_a_configuration() -> None:
    with tw.open("kpu") as device, pytest.raises(tw.ArgumentError, match="not both"):
        kpu.KPUSimulator(kpu.SimulatorConfig(), device=device)
    with pytest.raises(tw.ArgumentError, match="device: expected"):
        kpu.KPUSimulator(device="kpu")  # type: ignore[arg-type]
