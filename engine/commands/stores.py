"""`tianqi stores …` and `tianqi reconcile`: signed files between vault and operational store, and proof that all agree."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine.bootstrap import App
from engine.commands.audit import asked_counties
from engine.commands.environment import application
from engine.domain.errors import DomainError
from engine.domain.stores import LAYERS, OPERATIONAL, PARCELS, VAULT
from engine.store.signing import exchange_key, public_key_hex, trust
from engine.usecases.stores import files as exchange_files
from engine.usecases.stores import follow_stores, reconcile
from engine.usecases.stores.reconcile import Reconciled
from engine.usecases.stores.sides import WORDS, own_side
from engine.usecases.stores.status import Status, status_of

_SHOWN = 20  # differences on screen; --json gives up to a thousand
_STORES = WORDS | {"query": "查询库"}
_PROBLEMS = {
    "missing": "缺少 missing",
    "surplus": "多出 surplus",
    "differs": "不一致 differs",
    "altered": "被改动 ALTERED",
}
_LAYERS = {
    "DK": "地块 parcels",
    "JZD": "界址点 points",
    "JZX": "界址线 lines",
    "KZD": "控制点 control points",
}
assert tuple(_LAYERS) == LAYERS


@click.group("stores", help="保密库、运行库、查询库 / Vault, operational and query store.")
def group() -> None:
    pass


@group.command("export", help="导出交换文件 / Write the next signed file for the other side.")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--county", default=None)
@click.option("--again", type=int, default=None, help="重新写出已发的某号文件 / Write that file once more.")
def export(path: Path, county: str | None, again: int | None) -> None:
    with stores() as running:
        code = one_county(running, county)
        if again is not None:
            exchange_files.export_again(running, code, again, path)
            click.echo(f"{path}  第{again}号 file {again}")
            return
        made = exchange_files.export_file(running, code, path)
    click.echo(
        f"{path}  第{made.number}号 file {made.number}  记录 records {made.records}  → {WORDS[made.receiver]}"
    )


@group.command("import", help="接收交换文件或回执 / Apply a signed file, or take its receipt.")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--receipt", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="回执写到哪里，默认在文件旁 / Where the receipt goes; beside the file by default.")  # fmt: skip
@click.pass_context
def import_(context: click.Context, path: Path, receipt: Path | None) -> None:
    with stores() as running:
        body = _receipt(path)
        if body is not None:
            number = exchange_files.take_receipt(running, body)
            click.echo(f"第{number}号文件对方已接收 / file {number} has arrived")
            return
        done = exchange_files.import_file(running, path)
        place = receipt or path.with_suffix(".receipt.json")
        _write(place, done.receipt)
    click.echo(
        f"第{done.number}号 file {done.number}  记录 records {done.records}  更新 changed {done.changed}  → {place}"
    )
    for code in done.left[:_SHOWN]:
        click.echo(
            f"  {code}  登记簿中没有或仍在：请用成果包处理 / not in the register, or there still: needs a package"
        )
    context.exit(1 if done.left else 0)


@group.command("receipt", help="重新给出回执 / Write the receipt of an applied file once more.")
@click.argument("number", type=int)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--county", default=None)
def receipt(number: int, path: Path, county: str | None) -> None:
    with stores() as running:
        _write(path, exchange_files.receipt_of(running, one_county(running, county), number))
    click.echo(str(path))


@group.command("key", help="本侧的公钥 / This side's public key, to be trusted by the other.")
def key() -> None:
    with stores() as running:
        click.echo(public_key_hex(exchange_key(running.settings.var, own_side(running))))


@group.command("trust", help="登记对方的公钥 / Trust the other side's public key.")
@click.argument("side", type=click.Choice([VAULT, OPERATIONAL]))
@click.argument("public_key")
def trust_(side: str, public_key: str) -> None:
    with stores() as running:
        if side == own_side(running):
            raise click.UsageError("这是本侧 / that is this side")
        try:
            trust(running.settings.var, side, public_key)
        except ValueError:
            raise click.UsageError(
                "公钥是 64 位十六进制数 / a public key has 64 hexadecimal digits"
            ) from None
    click.echo(f"已登记{WORDS[side]}的公钥 / trusted")


@group.command(
    "refresh", help="整县更新保密库和查询库 / Bring vault and query store up to date, the whole county."
)
@click.option("--county", default=None)
def refresh(county: str | None) -> None:
    with stores() as running:
        for code in asked_counties(running, county):
            done = follow_stores(running, code, {}, lambda *_: None)
            click.echo(f"{code}  {json.dumps(done, ensure_ascii=False)}")


@group.command("status", help="三库现状 / How the stores stand.")
@click.option("--county", default=None)
@click.option("--json", "as_json", is_flag=True)
def status(county: str | None, as_json: bool) -> None:
    with stores() as running:
        found = [status_of(running, code) for code in asked_counties(running, county)]
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False))
        return
    for one in found:
        _show_status(one)


@click.command(
    "reconcile", help="核对三库 / Prove that vault, operational and query store agree; 1 where they do not."
)
@click.option("--county", default=None)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def reconcile_command(context: click.Context, county: str | None, as_json: bool) -> None:
    with stores() as running:
        found = [reconcile(running, code) for code in asked_counties(running, county)]
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], ensure_ascii=False))
    else:
        for one in found:
            _show(one)
    context.exit(0 if all(one.agrees for one in found) else 1)


@contextmanager
def stores() -> Iterator[App]:
    """The application; what is refused is told in words, with exit code 2 as for any wrong use."""
    with application() as running:
        try:
            yield running
        except DomainError as error:
            raise click.UsageError(str(error)) from None


def one_county(running: App, county: str | None) -> str:
    """The one that was asked for, or the only one there is."""
    found = asked_counties(running, county)
    if len(found) != 1:
        raise click.UsageError(f"请用 --county 指定县 / name the county: {'、'.join(found)}")
    return found[0]


def _receipt(path: Path) -> dict[str, Any] | None:
    """The file's JSON where it is a receipt: a signed file is a zip."""
    with path.open("rb") as file:
        if file.read(1) != b"{":
            return None
        file.seek(0)
        try:
            found = json.loads(file.read(1 << 20))
        except ValueError:
            return None
    return found if isinstance(found, dict) else None


def _write(path: Path, body: dict[str, Any]) -> None:
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _show_status(one: Status) -> None:
    click.echo(one.county)
    for store, count in one.parcels.items():
        told = f"{_LAYERS[PARCELS]} {count}" if count is not None else "没有连接 not reached from here"
        more = [f"{_LAYERS[layer]} {number}" for layer, number in one.boundaries.get(store, {}).items()]
        click.echo("  ".join([f"  {_STORES[store]} {store}", told, *more]))
    for file in one.files:
        done = (
            "已有回执 receipt"
            if file["receipted"]
            else "无回执 no receipt"
            if file["direction"] == "out"
            else ""
        )
        way = "发出 out" if file["direction"] == "out" else "收到 in"
        click.echo(f"  {way}  第{file['number']}号  {file['at']}  {file['records']} 条  {done}")
    if one.waiting:
        click.echo(f"  等待更新 waiting in the outbox: {one.waiting}")


def _show(one: Reconciled) -> None:
    click.echo(f"{one.county}  {one.at:%Y-%m-%d %H:%M:%SZ}")
    for store, found in one.stores.items():
        click.echo(
            f"  {_STORES[store]} {store}  {found['parcels']} 块 parcels  {found['villages']} 村 villages  {found['hash'][:16]}"
        )
        for layer, (number, digest) in found["layers"].items():
            click.echo(f"    {_LAYERS[layer]} {number}  {digest[:16]}")
    for store in one.left_out:
        click.echo(f"  {_STORES[store]} {store}  没有连接，未核对 / not reached from here, not compared")
    for difference in one.differences[:_SHOWN]:
        click.echo(
            f"  {_PROBLEMS[difference.problem]}  {_STORES[difference.store]}  {_LAYERS[difference.layer]}"
            f"  {difference.code or difference.village}"
        )
    if one.differing > _SHOWN:
        click.echo(f"  另有 {one.differing - _SHOWN} 处 / {one.differing - _SHOWN} more")
    if one.waiting:
        click.echo(f"  等待更新 waiting in the outbox: {one.waiting}")
    click.echo(
        "  三库一致 / the stores agree" if one.agrees else f"  不一致 {one.differing} 处 / differences"
    )
