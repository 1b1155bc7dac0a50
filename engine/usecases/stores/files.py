"""Masters between vault and operational store by signed file, where no network joins them.

``export_file`` writes what the other side does not have yet; ``import_file`` applies the next file, once and in
order, and gives the receipt that goes back. Each is one transaction of its own side; what was done is in that side's
``exchange_files``, so a process that dies before it has written the receipt gives it with ``receipt_of``.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.errors import Conflict, NotFound, Refused
from engine.domain.stores import LAYERS, OPERATIONAL, PARCELS, VAULT, Master, StoreRules, rules_of, total
from engine.exchange import signed_file
from engine.exchange.signed_file import Manifest
from engine.failpoints import reach
from engine.queries.counties import county_codes
from engine.store import exchange, reservations, survey, survey_layers, vault
from engine.store.register import Cause, county_of
from engine.store.signing import exchange_key
from engine.usecases.stores.follow import same_survey
from engine.usecases.stores.sides import WORDS, by_village, other, others_key, own_side, session_of
from engine.usecases.wiring import Wiring

_VILLAGE = 12  # digits of a village's code, with which codes begin
PART = 5000  # masters of a village that are applied at a time


@dataclass
class Applied:
    """``left``: parcels that the register cannot take up by itself: unknown to it, or ended in the vault alone.

    Their points and lines are left with them.
    """

    county: str
    number: int
    records: int
    changed: int = 0
    left: list[str] = field(default_factory=list)
    receipt: dict[str, Any] = field(default_factory=dict)


def export_file(app: Wiring, county: str, path: Path) -> Manifest:
    """Write the next file for the other side: what differs from what it has by the files so far.

    A file without masters says that nothing differs, and how the villages stand. Conflict where ``path`` is there.
    """
    side = own_side(app)
    if path.exists():
        raise Conflict("file_there", "文件 %(path)s 已经存在", path=str(path))
    rules, at = _rules(app, county), app.clock.now()
    with TemporaryDirectory(prefix="exchange-") as folder, session_of(app, side, county) as session:
        exchange.one_exchange(session, side, county)
        lines, made = Path(folder) / "records", Path(folder) / "file.zip"
        layers: dict[str, dict[str, list[Any]]] = {layer: {} for layer in LAYERS}
        told = signed_file.write_records(
            lines,
            (one for layer in LAYERS for one in _fresh(session, side, county, layer, rules, layers[layer])),
        )
        before = exchange.last(session, side, county, exchange.OUT)
        manifest = Manifest(
            county=county,
            sender=side,
            receiver=other(side),
            number=before.number + 1 if before else 1,
            previous=before.manifest_sha256 if before else "",
            made_at=at.isoformat(),
            layers=layers,
            **told,
        )
        body = manifest.as_bytes()
        signed_file.pack(made, body, lines, exchange_key(app.settings.var, side))
        exchange.note(
            session, side, county=county, direction=exchange.OUT, number=manifest.number,
            manifest_sha256=signed_file.sha256_of(body), records=manifest.records, at=at,
            stored=app.files.put(made.read_bytes()),
        )  # fmt: skip
        session.commit()
        path.write_bytes(made.read_bytes())
    return manifest


def export_again(app: Wiring, county: str, number: int, path: Path) -> None:
    """The very same file once more: it was lost on its way, or the process died before it was written."""
    side = own_side(app)
    with session_of(app, side, county) as session:
        row = exchange.file(session, side, county, exchange.OUT, number)
        if row is None:
            raise NotFound("exchange_file", "没有发出过第%(number)s号文件", number=number)
        path.write_bytes(app.files.get(row.stored))


def _fresh(
    session: Session,
    side: str,
    county: str,
    layer: str,
    rules: StoreRules,
    villages: dict[str, list[Any]],
) -> Iterator[Master]:
    """Masters of a layer that the other side does not have, and the end of those that it has too many.

    Fills ``villages``, and writes down that the other side has them: all in the transaction that makes the file.
    """
    known = exchange.known(session, side, county, layer)
    sent: dict[str, bytes | None] = {}
    there: set[str] = set()
    for village, masters in by_village(session, side, county, layer, rules):
        contents = {code: master.content for code, master in masters.items()}
        villages[village] = [len(contents), total(contents)]
        there |= contents.keys()
        for code, master in masters.items():
            if known.get(code) != contents[code]:
                sent[code] = contents[code]
                yield master
    for code in sorted(known.keys() - there):
        sent[code] = None
        yield Master(layer, code, {}, None)
    exchange.learn(session, side, county, layer, sent)


def import_file(app: Wiring, path: Path) -> Applied:
    """Check and apply. Raises Refused, with nothing changed, whatever is amiss; NotFound for a county that is not ours."""
    side = own_side(app)
    with signed_file.opened(path, others_key(app, side)) as (manifest, sha256, masters):
        _addressed(app, manifest, side)
        rules, at = _rules(app, manifest.county), app.clock.now()
        with session_of(app, side, manifest.county) as session:
            exchange.one_exchange(session, side, manifest.county)
            _in_order(exchange.last(session, side, manifest.county, exchange.IN), manifest, sha256)
            applied = Applied(manifest.county, manifest.number, manifest.records)
            for part in _parts(masters):
                if side == VAULT:
                    _into_vault(app, session, manifest, part, rules, applied)
                elif part[0].layer == PARCELS:
                    _into_register(app, session, manifest, part, applied)
                else:
                    _beside_parcels(app, session, manifest, part, applied)
            exchange.note(
                session, side, county=manifest.county, direction=exchange.IN, number=manifest.number,
                manifest_sha256=sha256, records=manifest.records, at=at, state=manifest.layers,
            )  # fmt: skip
            session.commit()
    reach("exchange_applied")
    key = exchange_key(app.settings.var, side)
    applied.receipt = signed_file.receipt(manifest, sha256, at.isoformat(), key)
    return applied


def receipt_of(app: Wiring, county: str, number: int) -> dict[str, Any]:
    """The receipt of a file that was applied, as it was or should have been given then."""
    side = own_side(app)
    with session_of(app, side, county) as session:
        row = exchange.file(session, side, county, exchange.IN, number)
        if row is None:
            raise NotFound("exchange_file", "没有接收过第%(number)s号文件", number=number)
        told = Manifest(county, other(side), side, number, "", "", row.records, 0, "", {})
        key = exchange_key(app.settings.var, side)
        return signed_file.receipt(told, row.manifest_sha256, row.at.isoformat(), key)


def take_receipt(app: Wiring, body: dict[str, Any]) -> int:
    """Note at the sender that the file arrived; gives its number. Refused where it is not of a file that was sent."""
    side = own_side(app)
    said = signed_file.check_receipt(body, others_key(app, side))
    with session_of(app, side, str(said.get("county", ""))) as session:
        number = said.get("number")
        row = (
            exchange.file(session, side, said["county"], exchange.OUT, number)
            if isinstance(number, int)
            else None
        )
        if row is None or said.get("sender") != side or row.manifest_sha256 != said.get("manifest_sha256"):
            raise Refused("exchange_receipt", "这份回执不是本库发出的文件的")
        row.receipt = body
        session.commit()
        return row.number


def _rules(app: Wiring, county: str) -> StoreRules:
    with app.sessions(county) as session:
        return rules_of(county_of(session, county).settings)


def _addressed(app: Wiring, manifest: Manifest, side: str) -> None:
    with app.sessions() as session:
        if manifest.county not in county_codes(session):
            raise Refused(
                "exchange_county", "这份文件属于%(county)s，本系统没有这个县", county=manifest.county
            )
    if (manifest.sender, manifest.receiver) != (other(side), side):
        raise Refused(
            "exchange_address",
            "这份文件是发给%(side)s的",
            side=WORDS.get(manifest.receiver, manifest.receiver),
        )


def _in_order(newest: Any | None, manifest: Manifest, sha256: str) -> None:
    """Once, and each after its predecessor."""
    done, hash_before = (newest.number, newest.manifest_sha256) if newest else (0, "")
    if manifest.number <= done:
        raise Refused("exchange_replayed", "第%(number)s号文件已经接收过，不再接收", number=manifest.number)
    if manifest.number != done + 1:
        raise Refused(
            "exchange_order",
            "缺第%(missing)s号文件：请先接收它，再接收第%(number)s号",
            missing=done + 1,
            number=manifest.number,
        )
    if manifest.previous != hash_before:
        raise Refused(
            "exchange_order", "这份文件接在另一份第%(number)s号文件之后，不是本库接收的那一份", number=done
        )


def _parts(masters: Iterable[Master]) -> Iterator[list[Master]]:
    """Of one layer and one village each, in the file's order: parcels come before what belongs to them."""
    for _, these in groupby(masters, lambda master: (master.layer, master.code[:_VILLAGE])):
        while part := list(islice(these, PART)):
            yield part


def _into_vault(
    app: Wiring, session: Session, manifest: Manifest, part: list[Master], rules: StoreRules, applied: Applied
) -> None:
    county, layer = manifest.county, part[0].layer
    vault.one_writer(session, county)
    kept = vault.of_codes(session, county, layer, [master.code for master in part])
    fresh = []
    for master in part:
        one = kept.get(master.code)
        if master.gone:
            if one is not None and not one.gone:
                fresh.append((master, one.version))
        elif not same_survey(master, one, rules):
            fresh.append((master, one.version if one else 0))
    applied.changed += vault.add(session, fresh, county, ("file", str(manifest.number)), app.clock.now())
    _learn(session, VAULT, county, part)


def _into_register(
    app: Wiring, session: Session, manifest: Manifest, part: list[Master], applied: Applied
) -> None:
    """Outlines and areas become versions from today. A parcel that an open case holds is waited for."""
    county, at = manifest.county, app.clock.now()
    found = survey.of_codes(session, county, [master.code for master in part])
    changed, taken = [], []
    for master in part:
        if master.gone != (master.code not in found):  # ended there alone, or unknown here
            applied.left.append(master.code)
            continue
        taken.append(master)
        if not master.gone and found[master.code].master.content != master.content:
            changed.append(master)
    _not_held(session, county, {master.code for master in changed})
    srid = county_of(session, county).srid
    survey.write_masters(session, county, changed, _ref(manifest), local_date(at), at, srid)
    survey.register_changed(session, county, (), [master.code for master in changed], at)
    applied.changed += len(changed)
    _learn(session, OPERATIONAL, county, taken)


def _beside_parcels(
    app: Wiring, session: Session, manifest: Manifest, part: list[Master], applied: Applied
) -> None:
    """Points and lines of parcels that were taken up, and control points, become versions from today."""
    county, at = manifest.county, app.clock.now()
    found = survey_layers.of_masters(session, county, part)
    left = set(applied.left)
    changes, taken, touched = [], [], set[str]()
    for master in part:
        old = found.get(master.code)
        of_these = master.parcels | (old.master.parcels if old else frozenset())
        if not left.isdisjoint(of_these):
            continue
        taken.append(master)
        if old is None if master.gone else old is not None and old.master.content == master.content:
            continue
        changes.append((old, master))
        touched |= of_these
    _not_held(session, county, touched)
    cause = Cause("import", _ref(manifest), local_date(at), at)
    survey_layers.write_masters(session, county, changes, cause, county_of(session, county).srid)
    applied.changed += len(changes)
    _learn(session, OPERATIONAL, county, taken)


def _ref(manifest: Manifest) -> str:
    return f"file:{manifest.number}"


def _not_held(session: Session, county: str, parcels: Collection[str]) -> None:
    held = reservations.holders(session, county, "parcel", sorted(parcels))
    if held:
        code, number = sorted(held.items())[0]
        raise Refused(
            "reserved",
            "地块 %(code)s 正由办件 %(number)s 办理，办结后再接收这份文件",
            code=code,
            number=number,
        )


def _learn(session: Session, side: str, county: str, masters: list[Master]) -> None:
    if masters:
        contents = {master.code: None if master.gone else master.content for master in masters}
        exchange.learn(session, side, county, masters[0].layer, contents)
