"""The pytest plugin, as other people's tests use it: each test here runs a pytest of its own."""

import json
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, in which the plugin is the only one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p tilewright.testing.plugin\n")
    return pytester


def test_pytest_finds_it_by_itself() -> None:
    found = [point.value for point in entry_points(group="pytest11") if point.name == "tilewright"]
    assert found == ["tilewright.testing.plugin"]


def test_device_is_the_one_asked_for(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import pytest

        def test_default(device):
            assert device.config.name == "tiny"

        @pytest.mark.chip("tiny", l1_bytes=512 * 1024)
        def test_override(device):
            assert device.config.fields()["l1_bytes"] == 512 * 1024

        @pytest.mark.chip("blackhole")
        def test_marker(device):
            assert device.grid == (14, 10)
    """)
    run.runpytest_subprocess("--strict-markers").assert_outcomes(passed=3)


def test_option_and_ini_choose_the_chip(run: pytest.Pytester) -> None:
    run.makepyfile("def test_chip(device):\n    assert device.config.name == 'blackhole'\n")
    run.runpytest_subprocess().assert_outcomes(failed=1)
    run.runpytest_subprocess("--chip", "blackhole").assert_outcomes(passed=1)
    run.makeini("[pytest]\naddopts = -p tilewright.testing.plugin\nchip = blackhole\n")
    run.runpytest_subprocess().assert_outcomes(passed=1)


def test_each_test_has_a_device_of_its_own(run: pytest.Pytester) -> None:
    run.makepyfile("""
        seen = []

        def test_first(device):
            seen.append(device)

        def test_second(device):
            assert not seen[0].is_open
            assert device.is_open
    """)
    run.runpytest_subprocess().assert_outcomes(passed=2)


def test_cycles(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import pytest

        def test_exact(assert_cycles):
            assert_cycles(100, 100)
            assert_cycles(100, at_most=100, at_least=100)

        @pytest.mark.parametrize("bound", [{"expected": 99}, {"at_most": 99}, {"at_least": 101}])
        def test_other(assert_cycles, bound):
            assert_cycles(100, **bound)
    """)
    result = run.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["*100 cycles, expected 99 (+1, +1.0%)*"])


def test_cycles_of_a_run_say_where_they_went(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import tilewright as tw

        def test_ring(device, assert_cycles):
            buffer = device.zeros(16, "uint32")
            run = device.run(tw.Kernel.builtin("message"), [(0, 0)], [buffer, 0, 0])
            assert_cycles(run, run.cycles)
            assert_cycles(run, run.cycles - 1)
    """)
    result = run.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*core (0, 0, 0): * cycles, * instructions, * cycles waiting*"])


def test_cycles_are_recorded_and_compared(run: pytest.Pytester) -> None:
    run.makepyfile(test_it="def test_it(assert_cycles):\n    assert_cycles(123)\n")
    result = run.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*pytest --update-cycles*"])

    run.runpytest_subprocess("--update-cycles").assert_outcomes(passed=1)
    assert json.loads((run.path / "cycles.json").read_text()) == {"test_it.py::test_it": 123}
    run.runpytest_subprocess().assert_outcomes(passed=1)

    run.makepyfile(test_it="def test_it(assert_cycles):\n    assert_cycles(124)\n")
    result = run.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*124 cycles, recorded are 123 (+1, +0.8%)*"])


def test_a_failed_test_shows_its_chip(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import tilewright as tw

        def test_fault(device):
            device.run(tw.Kernel.builtin("wait_forever"), [(1, 1)], [device.semaphore(), 1])
    """)
    result = run.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*DeadlockError*",
            "*core (1, 1, 0) at wait_forever.cpp:*",
            "*Tilewright device*",
            "*<Device tiny at cycle *",
            "cores.instructions *",
        ]
    )


def test_a_profile_of_each_test_is_told(run: pytest.Pytester) -> None:
    run.makepyfile("""
        import tilewright as tw

        def test_idle(device):
            assert device.cycle == 0

        def test_prints(device):
            kernel = tw.Kernel.from_source(
                '#include <tilewright/kernel.hpp>\\n'
                'static void hello() { tilewright::kernel::print("hello"); }\\n'
                'TILEWRIGHT_KERNEL(hello)', 'hello.cpp')
            assert device.run(kernel, [(0, 0)], []).output == "hello"
    """)
    told = run.runpytest_subprocess("--tilewright-profile")
    told.assert_outcomes(passed=2)
    told.stdout.fnmatch_lines(
        ["*profile of *::test_prints*", "*cycles and * instructions on 1 core"]
    )
    told.stdout.no_fnmatch_line("*profile of *test_idle*")
