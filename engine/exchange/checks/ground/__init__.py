"""T03 and T05-T15: where parcels lie, on plain arrays, so that a package, the register and a case's changes are
judged by the very same functions.

The ground is cut into plots (``plots.py``), a village each with what lies round it, and each plot is judged by itself
(``judge.py``), in as many processes as there are (``parallel.py``). Nothing here compares parcels pair by pair in
Python: edges and vertices become numbered arrays (``edges.py``), one tree gives what lies close, numpy the distances.
"""

from collections.abc import Callable, Iterator

from engine.exchange.checks.ground.areas import check_areas
from engine.exchange.checks.ground.judge import RULES
from engine.exchange.checks.ground.parallel import judge_all
from engine.exchange.checks.ground.plots import Cut, plots
from engine.exchange.checks.ground.small import check_small
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding
from engine.exchange.package.model import PackageData

Tell = Callable[[int, int], None]  # parcels judged, parcels in all


def check_ground(
    package: PackageData, settings: CheckSettings, tell: Tell | None = None, prefix: str = ""
) -> Iterator[Finding]:
    """All of them. ``prefix``: only parcels of divisions that begin with it are judged, against all others.

    ``tell`` may raise to end the work.
    """
    yield from check_areas(package, settings)
    yield from check_small(package, settings)
    parcels = package.layers.get("DK")
    if parcels is None or parcels.geometry is None or not any(map(settings.on, RULES)):
        return
    cut = Cut(package, settings, prefix)
    done = 0
    for count, found in judge_all(plots(cut), settings, cut.judged):
        done += count
        if tell:
            tell(done, cut.judged)
        yield from found
