"""`make faults`: hurt an installation of our own under load, then count violations. Exit code 1 if there are any."""

import sys
from pathlib import Path

import click

from engine.settings import ROOT
from tests.faults.breaking import Amount
from tests.faults.run import run, told


@click.command()
@click.option("--kills", type=click.IntRange(0), default=Amount.kills, help="of web, worker, ticker")
@click.option("--stops", type=click.IntRange(0), default=Amount.stops, help="immediate stops of PostgreSQL")
@click.option("--flushes", type=click.IntRange(0), default=Amount.flushes, help="losses of Redis")
@click.option("--seconds", type=click.IntRange(1), default=None, help="at least so long; else 2.3 s a fault")
@click.option("--clients", type=click.IntRange(1, 50), default=6)
@click.option("--households", type=click.IntRange(20, 2000), default=200)
@click.option("--seed", type=int, default=1)
@click.option("--var", type=click.Path(path_type=Path), default=ROOT / "var" / "faults")
def main(
    kills: int,
    stops: int,
    flushes: int,
    seconds: int | None,
    clients: int,
    households: int,
    seed: int,
    var: Path,
) -> None:
    lasting = seconds or max(10, round(2.3 * (kills + stops + flushes)))
    amount = Amount(kills, stops, flushes, lasting)
    report = run(var, amount, clients=clients, households=households, seed=seed)
    click.echo(told(report))
    sys.exit(1 if report.violations else 0)


if __name__ == "__main__":
    main()
