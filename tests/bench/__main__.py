"""Run the figures, print the table, write docs/benchmarks.md when asked: `python -m tests.bench [--write] [name ...]`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import embedded
from engine.settings import ROOT
from tests.bench import alone, crowd, http, loops, packages, quality, statistics, steps, tiles
from tests.bench.measure import Figure
from tests.bench.place import Places

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = ("figure", "ours", "baseline", "ratio", "goal", "met")


def in_places(figures: Callable[..., list[Figure]], *names: str) -> Callable[[Places], list[Figure]]:
    def run(places: Places) -> list[Figure]:
        with ExitStack() as stack:
            return figures(*[stack.enter_context(places.place(name)) for name in names])

    return run


FIGURES: dict[str, Callable[[Places], list[Figure]]] = {
    "steps": in_places(steps.figures, "steps"),
    "loops": in_places(loops.figures, "loops"),
    "http": in_places(http.figures, "http"),
    "crowd": in_places(crowd.figures, "few", "many"),
    "quality": in_places(quality.figures, "quality"),
    "alone": lambda places: alone.figures(),
    "packages": packages.figures,
    "tiles": in_places(tiles.figures, "tiles"),
    "statistics": statistics.figures,
}


def measured(names: list[str]) -> Iterator[Figure]:
    with embedded.session() as services, TemporaryDirectory() as folder:
        places = Places(services, Path(folder))
        try:
            for name in names:
                print(f"{name} ...", file=sys.stderr, flush=True)
                yield from FIGURES[name](places)
        finally:
            places.close()


def cells(figure: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[figure.met]
    return figure.name, figure.ours, figure.baseline, figure.ratio, figure.goal, met


def table(figures: list[Figure]) -> str:
    rows = [HEAD, tuple("---" for _ in HEAD), *(cells(figure) for figure in figures)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def machine(before: tuple[float, float, float]) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = f"{before[0]:.1f} before, {os.getloadavg()[0]:.1f} after"
    return f"{now}, {os.cpu_count()} processors shared with PostgreSQL and the clients, load average {load}"


def page(figures: list[Figure], about: str) -> str:
    return f"""# Benchmarks

Written by `make bench WRITE=1`: {about}.

Each figure stands beside its baseline, measured in the same run and taken in turn with it, so that what else the
machine does hits both. Trust the ratios, which are medians over rounds. What each side does is said in `tests/bench/`.

{table(figures)}

{_missed(figures)}
"""


def _missed(figures: list[Figure]) -> str:
    missed = [figure.name for figure in figures if figure.met is False]
    if not missed:
        return "All goals are met."
    return "Not met in this run: " + "; ".join(missed) + "."


def main(arguments: list[str]) -> int:
    """0 even where a goal is missed: a busy machine is no fault of the code. The table says so."""
    names = [name for name in arguments if name != "--write"] or list(FIGURES)
    before = os.getloadavg()
    figures = list(measured(names))
    about = machine(before)
    print(f"\n{about}\n\n{table(figures)}\n\n{_missed(figures)}")
    if "--write" in arguments:
        PAGE.write_text(page(figures, about))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
