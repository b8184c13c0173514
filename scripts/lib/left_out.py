"""A pytest plugin that tells what a run left out: by marker, and by skip with its reason.

Writes plain text to the file named by `KVARBO_LEFT_OUT`; `scripts/test` prints it last, where it is
read. Works with and without xdist: there, only the workers see what was deselected.
"""

from collections import Counter
from collections.abc import Sequence
import os
from pathlib import Path

import pytest

OUR_MARKERS = ("peers", "slow", "real_hass")
_HOW_TO_RUN = {
    "peers": "scripts/test --peers, as root",
    "slow": "scripts/test --full",
    "real_hass": "scripts/test without --quick",
    "others": "other arguments",
}
_WORKER_KEY = "kvarbo_left_out"


class LeftOut:
    """Counts what one process leaves out, and joins what the workers report."""

    def __init__(self) -> None:
        self.by_marker: Counter[str] = Counter()
        self.collection_skips: Counter[str] = Counter()
        self.skips: Counter[str] = Counter()
        self.expected_failures: Counter[str] = Counter()

    @pytest.hookimpl
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count under our markers, or as chosen away by the arguments."""
        for item in items:
            names = [name for name in OUR_MARKERS if item.get_closest_marker(name)]
            self.by_marker[" + ".join(names) or "others"] += 1

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count whole modules that skip themselves."""
        if report.skipped:
            self.collection_skips[f"{report.nodeid}: {_reason(report.longrepr)}"] += 1

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count single tests that skip, or fail as expected."""
        if not report.skipped:
            return
        if hasattr(report, "wasxfail"):
            self.expected_failures[f"{report.nodeid}: {report.wasxfail}"] += 1
        else:
            self.skips[_reason(report.longrepr)] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Take over from an xdist worker; each collects everything, so one of them speaks."""
        del error
        output = getattr(node, "workeroutput", {}).get(_WORKER_KEY)
        if output is not None:
            self.by_marker = Counter(output["by_marker"])
            self.collection_skips = Counter(output["collection_skips"])

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the counts to xdist's controller, or to the file."""
        worker_output = getattr(session.config, "workeroutput", None)
        if worker_output is not None:
            worker_output[_WORKER_KEY] = {
                "by_marker": dict(self.by_marker),
                "collection_skips": dict(self.collection_skips),
            }

    @pytest.hookimpl
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Write the account, once all workers are down."""
        target = os.environ.get("KVARBO_LEFT_OUT")
        if target and not hasattr(config, "workeroutput"):
            Path(target).write_text(self.account(), encoding="utf-8")

    def account(self) -> str:
        """Give what was left out as text; empty when nothing was."""
        lines: list[str] = []
        for marker, count in sorted(self.by_marker.items()):
            ways = [_HOW_TO_RUN[name] for name in marker.split(" + ") if name in _HOW_TO_RUN]
            how = f" (run them: {', '.join(ways)})" if ways else ""
            lines.append(f"  {count:5} x {marker}{how}")
        for title, counts in (
            ("skipped", self.skips),
            ("module skipped", self.collection_skips),
            ("failed as expected", self.expected_failures),
        ):
            lines += [f"  {n:5} x {title}: {reason}" for reason, n in sorted(counts.items())]
        if not lines:
            return ""
        rule = "=" * 78
        return "\n".join([rule, "LEFT OUT of this run:", *lines, rule, ""])


def _reason(longrepr: object) -> str:
    """Give the reason of a skip; pytest holds it as (path, line, "Skipped: reason")."""
    match longrepr:
        case (_, _, str(message)):
            return message.removeprefix("Skipped: ")
        case _:
            return str(longrepr)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.pluginmanager.register(LeftOut(), "kvarbo-left-out")
