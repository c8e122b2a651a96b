"""The pytest plugin: an open device for each test, cycles to assert, and a look at the chip when a
test fails. It is there as soon as Tilewright is installed::

    @pytest.mark.chip("blackhole", l1_bytes=1 << 20)   # else --chip, or `chip` in the ini file
    def test_scale(device, assert_cycles):
        run = device.run(kernel, [(0, 0)], [x, y, len(x)])
        np.testing.assert_array_equal(y.numpy(), 2 * x.numpy())
        assert_cycles(run, 1347)
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tilewright import Device
    from tilewright.testing.cycles import CycleAssertion

DEFAULT_CHIP = "tiny"
_PROFILE = "tilewright_profile"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tilewright", "Tilewright")
    group.addoption("--chip", metavar="PRESET", help="the chip that the fixture `device` opens")
    group.addoption(
        "--update-cycles", action="store_true", help="record what assert_cycles(run) compares with"
    )
    group.addoption(
        "--tilewright-profile",
        action="store_true",
        help="tell after the tests where the cycles of each test's `device` went, line by line",
    )
    parser.addini("chip", "the chip that the fixture `device` opens", default=DEFAULT_CHIP)
    parser.addini("cycles_file", "where recorded cycles are kept", default="cycles.json")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "chip(preset, **overrides): the chip that `device` opens for this test, and fields of its "
        "config to change",
    )


@pytest.fixture
def device(request: pytest.FixtureRequest) -> Iterator[Device]:
    """An open device of its own for each test: of `@pytest.mark.chip`, --chip, or the ini file."""
    import tilewright

    preset = request.config.getoption("--chip") or request.config.getini("chip")
    overrides = {}
    marker = request.node.get_closest_marker("chip")
    if marker is not None:
        preset = marker.args[0] if marker.args else preset
        overrides = marker.kwargs
    with tilewright.open(preset, **overrides) as opened:
        if not request.config.getoption("--tilewright-profile"):
            yield opened
            return
        with opened.profile() as profile:
            yield opened
        if profile.cycles:
            # Such properties come from the processes of pytest-xdist, too.
            request.node.user_properties.append((_PROFILE, profile.text(lines=10)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What --tilewright-profile has found out, test by test."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", []):
                if name == _PROFILE and report.when == "teardown":
                    terminalreporter.section(f"profile of {report.nodeid}", sep="-")
                    terminalreporter.write_line(text)


@pytest.fixture
def assert_cycles(request: pytest.FixtureRequest) -> CycleAssertion:
    """Asserts on the cycles of a run: `tilewright.testing.CycleAssertion`."""
    from tilewright.testing.cycles import CycleAssertion

    records = request.config.rootpath / Path(request.config.getini("cycles_file"))
    update = bool(request.config.getoption("--update-cycles"))
    return CycleAssertion(request.node.nodeid, records, update)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report gets what its chip had done by then."""
    report = yield
    opened = getattr(item, "funcargs", {}).get("device")
    if report.when == "call" and report.failed and opened is not None:
        from tilewright import Device

        if isinstance(opened, Device) and opened.is_open:
            report.sections.append(("Tilewright device", f"{opened!r}\n{opened.counters!r}"))
    return report
