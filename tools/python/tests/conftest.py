"""The fixtures of those tests."""

from tests.python.conftest import *  # noqa: F403
