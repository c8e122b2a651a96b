"""One HTML file about what ran: where, for how long, and what it waited for.

    with device.profile() as profile:
        device.run(kernel, cores, args)
    profile.report("run.html")

The file holds everything itself: no network, no scripts.
"""

from tilewright.report.page import write_report

__all__ = ["write_report"]
