"""`tianqi package export`: the delivery package of a county or a part of it, written from its register."""

import json
import sys
from pathlib import Path

import click

from engine.commands.environment import application
from engine.documents.lean_sketch import lean_sketch
from engine.domain.errors import DomainError, Invalid
from engine.exchange.exporting.package import Exported, export_package
from engine.store.scope import one_view

_SHOWN = 20


@click.command("export", help="由登记数据生成成果包 / Write a county's package from its register.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--county", required=True, help="6位县级代码 / 6-digit county code.")
@click.option(
    "--division",
    default="",
    help="只导出一个乡镇或村：9或12位代码 / Only a township or village: 9 or 12 digits.",
)
@click.option("--gpkg", is_flag=True, help="图层写成 GeoPackage / Layers as one GeoPackage.")
@click.option(
    "--mdb-template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="空的权属数据 Access 文件，另写 .mdb / The county's empty Access file, to write .mdb as well.",
)
@click.option("--json", "as_json", is_flag=True)
def export(
    path: Path, county: str, division: str, gpkg: bool, mdb_template: Path | None, as_json: bool
) -> None:
    """PATH: a file ending in .zip, or a folder that is not there yet."""
    with application() as running, running.sessions(county) as session:
        one_view(session)
        try:
            done = export_package(
                session,
                county,
                path,
                running.files,
                lean_sketch,
                now=running.clock.now(),
                tell=_teller(as_json),
                geopackage=gpkg,
                template=mdb_template or running.settings.access_template,
                division=division,
            )
        except Invalid as error:
            raise click.ClickException("；".join(error.fields["division"])) from None
        except DomainError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"{error.strerror or error}: {error.filename or path}") from None
    if as_json:
        click.echo(json.dumps(done.as_dict(), ensure_ascii=False))
    else:
        _show(done)


def _show(done: Exported) -> None:
    contractors, parcels = done.counts.get("CBF", 0), done.counts.get("DK", 0)
    click.echo(f"{done.path}  承包方 contractors {contractors}  地块 parcels {parcels}")
    click.echo(f"附件 attachments {done.attachments}  重绘示意图 sketches drawn {done.drawn}")
    if done.without_certificate:
        click.echo(f"未颁发权证 entries without a certificate {done.without_certificate}")
    for name in done.lost[:_SHOWN]:
        click.echo(f"附件已丢失 attachment lost  {name}", err=True)
    if len(done.lost) > _SHOWN:
        click.echo(f"另有 {len(done.lost) - _SHOWN} 件 / {len(done.lost) - _SHOWN} more", err=True)


def _teller(quiet: bool):
    """Phases on the terminal's error output; nothing where a program reads."""
    last = ""

    def tell(done: int, total: int | None, phase: str) -> None:
        nonlocal last
        if phase != last:
            last = phase
            click.echo(f"  {phase}", err=True)

    return (lambda *told: None) if quiet or not sys.stderr.isatty() else tell
