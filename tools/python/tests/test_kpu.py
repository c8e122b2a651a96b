"""The tests of the KPU packages, which stand with all others in tests/python."""

from tests.python.test_stillwater_matmul import *  # noqa: F403
from tests.python.test_stillwater_simulator import *  # noqa: F403
from tests.python.test_stillwater_transfers import *  # noqa: F403
