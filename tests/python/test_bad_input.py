"""Input that cannot be: each is refused by name, in place of a crash or a wrong result; and what
can be, in whatever form, gives what NumPy gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stillwater_kpu as kpu
import tilewright as tw
from tilewright import movement, sweep
from tilewright.movement.instructions import SHAPES

ONES = np.ones((8, 8), np.float32)


@pytest.fixture(scope="module")
def chip() -> tw.Device:
    return tw.open("kpu")


@pytest.mark.parametrize(
    ("a", "b", "options", "message"),
    [
        (np.ones((0, 3)), np.ones((3, 2)), {}, r"a: .*none of them 0, got shape \(0, 3\)"),
        (np.ones((2, 0)), np.ones((0, 2)), {}, r"none of them 0"),
        (ONES[0], ONES, {}, r"a: expected 2 dimensions"),
        (ONES, ONES[:5], {}, r"shapes \(8, 8\) and \(5, 8\) do not fit"),
        (ONES.astype(float), ONES, {}, r"a: expected float32, .* got float64"),
        (ONES, ONES.astype(complex), {}, r"b: expected float32, .* got complex128"),
        (ONES.astype(object), ONES, {}, r"a: .* got object"),
        (ONES, ONES.astype(np.int8), {}, r"a is float32, b is int8"),
        (ONES, ONES, {"tiles": (8, 8)}, r"tiles: expected block m, n and k"),
        (ONES, ONES, {"tiles": (8, 8, 8, 8, -1)}, r"tiles: .*at least 1"),
        (ONES, ONES, {"tiles": (8, 8, 8.5, 8, 8)}, r"tiles: .*8\.5"),
        (np.ones((999, 999)), np.ones((999, 999)), {"tiles": (999,) * 5, "dtype": "float32"},
         r"blocks of 999 x 999 x 999 .* do not fit into the memories"),
        (ONES, ONES, {"tiles": 8}, r"tiles: .* got 8"),
        (ONES, ONES, {"arrays": -1}, r"arrays: expected 0"),
        (ONES, ONES, {"arrays": 9}, r"arrays: expected 0 \(all\) to 2, got 9"),
        (ONES, ONES, {"arrays": 1.5}, r"arrays: expected an integer, got float"),
        (ONES, ONES, {"arrays": "2"}, r"arrays: expected an integer, got str"),
        (ONES, ONES, {"arrays": None}, r"arrays: expected an integer, got NoneType"),
        (ONES, ONES, {"dataflow": 3}, r"dataflow: expected a name, got int"),
        (ONES, ONES, {"activation": 3}, r"activation: expected a name, got int"),
        (ONES, ONES, {"dtype": 3}, r"dtype: expected one of"),
        (ONES, ONES, {"out_dtype": [3]}, r"out_dtype: expected one of"),
        (ONES, ONES, {"out": ONES}, r"out: expected a Buffer, got ndarray"),
        (ONES, ONES, {"cycle_limit": "many"}, r"cycle_limit: expected an integer"),
        (ONES, ONES, {"cycle_limit": -1}, r"cycle_limit: expected 0"),
        (ONES, ONES, {"bias": ONES[0, :3]}, r"bias: expected shape \(8,\)"),
        (ONES, ONES, {"activation": "step"}, r"no activation is called 'step'"),
        (ONES, ONES, {"out_dtype": "float8"}, r"out_dtype: expected one of"),
    ],
)  # fmt: skip
def test_products_that_cannot_be(
    chip: tw.Device, a: Any, b: Any, options: dict[str, Any], message: str
) -> None:
    before = chip.cycle
    with pytest.raises(tw.ArgumentError, match=message):
        chip.matmul(a, b, **options)
    assert chip.cycle == before


IMAGES, FILTERS = np.ones((1, 8, 8, 4), np.float32), np.ones((3, 2, 4, 8), np.float32)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "stride: expected a whole number from 1 .*, got 0"),
        ({"stride": 1.5}, "stride: .*got 1.5"),
        ({"stride": "2"}, "stride: .*got '2'"),
        ({"stride": None}, "stride: .*got None"),
        ({"stride": (1, 0)}, r"stride: .*got \(1, 0\)"),
        ({"stride": (1, 2, 3)}, r"stride: .*got \(1, 2, 3\)"),
        ({"stride": (1, "2")}, r"stride: .*got \(1, '2'\)"),
        ({"stride": 2**70}, "stride: "),
        ({"padding": -1}, "padding: expected a whole number .*, got -1"),
        ({"padding": 1.5}, "padding: .*'same' or 'valid', got 1.5"),
        ({"padding": "some"}, "padding: .*got 'some'"),
        ({"padding": None}, "padding: .*got None"),
        ({"padding": (1, 1, 1)}, r"padding: .*got \(1, 1, 1\)"),
        ({"padding": ((1, 1), (0, -1))}, r"padding: .*got \(\(1, 1\), \(0, -1\)\)"),
        ({"padding": ((1, 1), (0, 1, 1))}, "padding: "),
        ({"padding": 2}, "padding: .*smaller than the filter, which is 2 wide, got 2"),
        ({"padding": (3, 0)}, "padding: .*smaller than the filter, which is 3 high"),
        ({"padding": 2**70}, "padding: "),
        ({"method": "fft"}, "method: "),
        ({"cycle_limit": 1.5}, "cycle_limit: expected an integer"),
    ],
)
def test_convolutions_that_cannot_be(
    chip: tw.Device, options: dict[str, Any], message: str
) -> None:
    before = chip.cycle
    with pytest.raises(tw.ArgumentError, match=message):
        chip.conv2d(IMAGES, FILTERS, **options)
    assert chip.cycle == before


@pytest.mark.parametrize("value", ["2", 2.5, None, [], 1 << 70])
def test_fields_of_a_simulator_refuse_what_is_no_number_as_it_does(value: Any) -> None:
    """Set one by one, or all at once: the same message."""
    config = kpu.SimulatorConfig()
    message = r"memory_bank_count: expected a whole number, got "
    with pytest.raises(tw.ArgumentError, match=message):
        config.memory_bank_count = value
    assert config == kpu.SimulatorConfig()
    with pytest.raises(tw.ArgumentError, match=message):
        kpu.SimulatorConfig(memory_bank_count=value)
    with pytest.raises(tw.ArgumentError, match="clock_mhz: expected a number, got 'fast'"):
        config.clock_mhz = "fast"  # type: ignore[assignment]
    config.scratchpad_base = 0x2_0000_0000
    config.scratchpad_base = None
    assert config == kpu.SimulatorConfig()


def test_products_into_their_own_operands(chip: tw.Device) -> None:
    a, b = chip.put(ONES), chip.put(ONES)
    for out in (a, b):
        with pytest.raises(tw.ArgumentError, match="C is also an operand"):
            chip.matmul(a, b, out=out)
    assert np.array_equal(a.numpy(), ONES)
    assert np.array_equal(chip.matmul(a, a).numpy(), ONES @ ONES)  # two operands may be one


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("step", [-3, -1, 2])
def test_products_of_arrays_that_are_not_contiguous(chip: tw.Device, order: Any, step: int) -> None:
    rng = np.random.default_rng(1)
    a = np.asarray(rng.integers(-9, 9, (30, 40)), np.float32, order=order)[::step, ::step]
    b = np.asarray(rng.integers(-9, 9, (40, 30)), ">f4", order=order)[::step, ::step]
    assert np.array_equal(chip.matmul(a, b.astype(np.float32)).numpy(), a @ b)
    with kpu.Simulator() as sim:
        assert np.array_equal(sim.matmul(a, b), a @ b)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: d.memory("l3", -1), "l3: expected an index of at least 0"),
        (lambda d: d.memory("l3", 4), "no L3 tile 4"),
        (lambda d: d.memory("l4"), "no memory called 'l4'"),
        (lambda d: d.memory("l3").write(0, np.array([d])), "data: .*Python objects"),
        (lambda d: d.memory("l3").write(131070, b"abc"), "3 bytes at 131070 do not fit"),
        (lambda d: d.memory("l3").numpy(0, 1, object), "dtype: .*Python objects"),
        (lambda d: d.memory("l3").numpy(0, -1), "-4 bytes at 0 do not fit"),
        (lambda d: d.memory("l3").numpy(0, 10**15), "do not fit"),
        (lambda d: d.put(np.array([d])), "Python objects"),
        (lambda d: d.dma(0, 1.5, 4), "destination: expected an integer"),
        (lambda d: d.dma(0, 64, -4), "nbytes: expected 0"),
        (lambda d: d.flag().add(-1), "increment: expected 0"),
        (lambda d: setattr(d.flag(), "value", 2**32), "value: expected 0"),
        (lambda d: d.multiply(0, 0, 0, 2**40, 1, 1), "m: expected 0"),
    ],
)
def test_memories_and_commands_that_cannot_be(
    chip: tw.Device, call: Callable[[tw.Device], object], message: str
) -> None:
    with pytest.raises(tw.Error, match=message):
        call(chip)
    assert not chip.busy


@given(st.sampled_from([">f4", "<f8", ">i2", "u1", ">c16"]), st.integers(-4, 4).filter(bool))
def test_memories_hold_numbers_and_not_their_byte_order(dtype: str, step: int) -> None:
    array = np.arange(24).astype(dtype).reshape(4, 6)[::step, ::step]
    with tw.open("kpu") as device:
        memory = device.memory("scratchpad")
        memory.write(64, array)
        native = np.dtype(dtype).newbyteorder("=")
        assert np.array_equal(memory.numpy(64, array.size, native), array.ravel())


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("systolic_array_count", "systolic_array_count is 0"),
        ("dma_engine_count", "dma_engine_count is 0"),
        ("dram_bank_count", "dram_bank_count is 0"),
    ],
)
def test_chips_without_what_products_need(field: str, message: str) -> None:
    with tw.open(tw.preset("kpu", **{field: 0})) as device, pytest.raises(tw.Error, match=message):
        device.matmul(ONES, ONES)


@pytest.mark.parametrize(
    "field",
    ["block_mover_count", "streamer_count", "l3_tile_count", "l2_bank_count", "l1_buffer_count",
     "scratchpad_count", "page_buffer_count", "host_memory_region_count"],
)  # fmt: skip
def test_chips_that_have_another_way(field: str) -> None:
    with tw.open(tw.preset("kpu", **{field: 0})) as device:
        assert np.array_equal(device.matmul(ONES, ONES).numpy(), ONES @ ONES)


def test_numbers_in_messages_are_as_they_were_given() -> None:
    for value, text in ((0, "not 0$"), (2**33, "not 8589934592$"), (1.5, "whole number, not 1.5$")):
        with pytest.raises(tw.ConfigError, match=text):
            tw.open("kpu", systolic_rows=value)


# --- Anything at all ----------------------------------------------------------------------------

FIELDS = [name for name in dir(kpu.SimulatorConfig) if not name.startswith("_")]
NUMBERS = st.one_of(
    st.integers(-2, 70), st.sampled_from([2**31, 2**40, 2**63, -(2**63)]), st.floats(width=32)
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(FIELDS), NUMBERS, max_size=5))
def test_any_configuration_is_a_simulator_that_works_or_is_refused(fields: dict[str, Any]) -> None:
    small = {"host_memory_region_capacity_mb": 1, "memory_bank_capacity_mb": 1}
    try:
        sim = kpu.KPUSimulator(kpu.SimulatorConfig(**(small | fields)))
    except tw.Error:
        return
    with sim:
        counts = sim.get_dma_engine_count(), sim.get_l3_tile_count(), sim.get_scratchpad_count()
        if all(counts) and min(sim.get_l3_tile_capacity(0), sim.get_scratchpad_capacity(0)) >= 16:
            sim.write_l3_tile(0, 0, [1.0, 2.0, 3.0, 4.0])
            sim.start_dma_transfer(0, sim.get_l3_tile_base(0), sim.get_scratchpad_base(0), 16)
            sim.run_until_idle()
            assert sim.read_scratchpad(0, 0, 4) == [1.0, 2.0, 3.0, 4.0]
        try:
            product = sim.matmul(ONES, ONES)
        except tw.Error:
            return
        assert np.array_equal(product, ONES @ ONES)


OPERANDS = st.builds(
    movement.Operand,
    st.integers(-70, 70_000),
    st.lists(st.integers(-9, 999), max_size=1).map(tuple),
    st.sampled_from(["", "dram", "l3", "l2", "scratchpad", "l1_buffer", "tile_l1"]),
    st.just(0),
)


@st.composite
def instructions(draw: st.DrawFn) -> movement.Instruction:
    name = draw(st.sampled_from(sorted(SHAPES)))
    shape = SHAPES[name]
    small = st.builds(movement.Operand, st.integers(-1, 9))
    operands = [
        draw(small if kind in ("engine", "mover", "streamer", "flag", "value") else OPERANDS)
        for kind in shape.operands
    ]
    guard = st.none() | st.tuples(small, small) if shape.guarded else st.none()
    words = tuple(draw(st.sampled_from(choices)) for choices in shape.words)
    return movement.Instruction(name, tuple(operands), words, draw(guard), draw(guard))


@settings(max_examples=200)
@given(st.lists(instructions(), max_size=4), st.integers(0, 3))
def test_any_program_runs_or_says_why_not(body: list[movement.Instruction], times: int) -> None:
    """And the device does its work afterwards, whatever the program left behind."""
    program = movement.Program((movement.Loop(times, tuple(body)),))
    with tw.open("kpu") as device:
        sequencer = movement.Sequencer(device)
        try:
            sequencer.run(program)
        except tw.Error:
            device.abort()
        memory = device.memory("dram")
        memory.write(0, b"abcd")
        sequencer.run(movement.assemble("dma 0, dram[0], l3[0], 4"))
        assert device.memory("l3").read(0, 4) == b"abcd"


@settings(max_examples=300)
@given(st.binary(max_size=60), st.booleans())
def test_any_file_is_a_program_or_refused(body: bytes, framed: bool) -> None:
    import zlib

    frame = b"TWMV\1\0\0\0" + len(body).to_bytes(4, "little")
    data = frame + zlib.crc32(body).to_bytes(4, "little") + body if framed else body
    try:
        program = movement.from_bytes(data)
    except tw.ProgramError:
        return
    assert movement.from_bytes(movement.to_bytes(program)) == program


@settings(max_examples=150)
@given(st.text(alphabet='name,MNKfilter 0123456789-\n"\0é', max_size=80), st.booleans())
def test_any_text_is_layers_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, headed: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / "layers.csv"
    file.write_text("name,M,N,K\n" + text if headed else text)
    try:
        layers = sweep.read_layers(file)
    except tw.ArgumentError:
        return
    assert all(min(layer.shape) > 0 for layer in layers)
