"""Where the cycles went: by source line, function and kernel, exact.

with device.profile() as profile:
    device.run(kernel, cores, args)
print(profile)              # a table, the source beside it
profile.lines               # as data
profile.save("run.speedscope.json")
"""

from tilewright.profile.profile import Profile
from tilewright.profile.rows import LineProfile, Setting

__all__ = ["LineProfile", "Profile", "Setting"]
