"""Stories as environments for agents.

`FrotzEnv` has the method names of Jericho's class of that name. `StoryEnv` and `StoryVectorEnv` of
`tilewright.agents.gym` are a Gymnasium ``Env`` and ``VectorEnv`` (extra ``gymnasium``)::

    from tilewright.agents import FrotzEnv

    env = FrotzEnv("zork1.z3", seed=12)
    observation, info = env.reset()
    observation, reward, done, info = env.step("open mailbox")
    print(env.get_valid_actions())
"""

from tilewright.agents.frotz import FrotzEnv, UnsupportedGameWarning
from tilewright.arguments import name_arguments as _name_arguments

__all__ = ["FrotzEnv", "UnsupportedGameWarning"]

_name_arguments(globals())
