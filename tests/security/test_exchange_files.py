"""Signed files between vault and operational store: applied once and in order; whatever is amiss is refused whole."""

import json
import shutil
import zipfile
from dataclasses import replace

import pytest
import shapely
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from engine.domain.errors import Refused
from engine.exchange import signed_file
from engine.failpoints import SELDOM
from engine.store import exchange, survey, survey_layers, vault
from engine.store.register import Cause, county_of
from engine.store.signing import exchange_key, public_key_hex, trust
from engine.store.tables.cases import Case, Reservation
from engine.usecases.carry_out_effect import drain
from engine.usecases.stores import files, reconcile
from engine.usecases.stores.files import (
    export_again,
    export_file,
    import_file,
    receipt_of,
    take_receipt,
)
from tests.usecases.acting import COUNTY, played
from tests.usecases.stores.places import codes, resurvey, two_sides


@pytest.fixture(scope="module")
def sides(running, tmp_path_factory):
    """(vault, operational) after the first exchange: each knows what the other has."""
    drain(running)
    folder = tmp_path_factory.mktemp("sides")
    inside, outside = two_sides(running, folder)
    for number, (sender, receiver) in enumerate([(inside, outside), (outside, inside)]):
        export_file(sender, COUNTY, folder / f"first{number}.zip")
        take_receipt(sender, import_file(receiver, folder / f"first{number}.zip").receipt)
    yield inside, outside
    inside.dispose()
    outside.dispose()


@pytest.fixture
def surveyed(sides, tmp_path):
    """A file from the operational side with one new outline, not yet applied. It is applied in the end."""
    _, outside = sides
    surveyed.moves = getattr(surveyed, "moves", 0) + 1
    new = resurvey(outside, codes(outside)[0], by=0.01 * surveyed.moves)
    path = tmp_path / "outlines.zip"
    manifest = export_file(outside, COUNTY, path)
    yield path, manifest, new
    inside = sides[0]
    with inside.vault_sessions() as session:
        done = exchange.last(session, "vault", COUNTY, exchange.IN)
    if done.number < manifest.number:
        import_file(inside, path)


def state_of(app):
    """What an attack may not change: versions of masters, and which files were applied."""
    with app.vault_sessions() as session:
        masters = vault.of_village(session, COUNTY, "DK", COUNTY)
        newest = exchange.last(session, "vault", COUNTY, exchange.IN)
        return masters, newest.number


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, **changed: bytes) -> None:
    parts = members(path) | {name.replace("_", "."): body for name, body in changed.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)


def refused(app, path) -> str:
    before = state_of(app)
    with pytest.raises(Refused) as error:
        import_file(app, path)
    assert state_of(app) == before
    return error.value.code


def test_what_was_surveyed_outside_comes_into_the_vault(sides, surveyed):
    inside, outside = sides
    path, manifest, new = surveyed
    done = import_file(inside, path)
    assert (done.records, done.changed) == (1, 1)
    with inside.vault_sessions() as session:
        kept = vault.of_codes(session, COUNTY, "DK", [new.code])[new.code]
    assert kept.master.outline == new.outline
    assert (kept.cause, kept.cause_ref) == ("file", str(manifest.number))
    assert take_receipt(outside, done.receipt) == manifest.number


def test_what_the_vault_has_goes_out_processed_and_both_agree(sides, tmp_path, running):
    inside, outside = sides
    code = codes(outside)[2]
    with inside.vault_sessions() as session:
        kept = vault.of_codes(session, COUNTY, "DK", [code])[code]
        facts = dict(kept.master.facts) | {"SCMJ": "987.65"}
        vault.add(
            session,
            [(replace(kept.master, facts=facts), kept.version)],
            COUNTY,
            ("import", "9"),
            inside.clock.now(),
        )
        session.commit()
    export_file(inside, COUNTY, tmp_path / "masters.zip")
    done = import_file(outside, tmp_path / "masters.zip")
    assert (done.records, done.changed, done.left) == (1, 1, [])
    with outside.sessions(COUNTY) as session:
        held = survey.of_codes(session, COUNTY, [code])[code]
    assert (held.master.facts["SCMJ"], held.cause) == ("987.65", "import")
    drain(outside)  # the query store follows
    found = reconcile(outside, COUNTY)
    assert found.agrees, found.differences
    assert found.stores["vault"]["hash"] == found.stores["operational"]["hash"]
    export_file(outside, COUNTY, tmp_path / "nothing.zip")
    assert import_file(inside, tmp_path / "nothing.zip").records == 0
    assert reconcile(inside, COUNTY).agrees


def test_points_lines_and_control_points_go_both_ways_and_both_agree(sides, tmp_path):
    """From the vault: one point moved and one that is no more. From outside: a line said otherwise."""
    inside, outside = sides
    with inside.vault_sessions() as session:
        village = sorted(vault.villages(session, COUNTY, "JZD"))[0]
        points = vault.of_village(session, COUNTY, "JZD", village)
        control = next(iter(vault.of_village(session, COUNTY, "KZD", COUNTY).values()))
        moved, ended = list(points.values())[:2]
        east = shapely.transform(shapely.from_wkb(moved.master.outline), lambda places: places + [0.25, 0.0])
        named = dict(control.master.facts) | {"KZDZT": "完好", "X2000": "3300000.5"}
        changes = [
            (replace(moved.master, outline=shapely.to_wkb(east)), moved.version),
            (replace(ended.master, facts={}, outline=None), ended.version),
            (replace(control.master, facts=named), control.version),
        ]
        vault.add(session, changes, COUNTY, ("import", "9"), inside.clock.now())
        session.commit()
    export_file(inside, COUNTY, tmp_path / "masters.zip")
    done = import_file(outside, tmp_path / "masters.zip")
    assert (done.records, done.changed, done.left) == (3, 3, [])
    with outside.sessions(COUNTY) as session:
        held = survey_layers.of_masters(session, COUNTY, [moved.master])
        assert shapely.from_wkb(held[moved.master.code].master.outline).equals(east)
        assert ended.master.code not in held
        again = survey_layers.of_masters(session, COUNTY, [control.master])[control.master.code]
        assert again.master.facts == named
        assert (again.cause, again.cause_ref) == ("import", f"file:{done.number}")
        line = next(iter(next(survey_layers.by_village(session, COUNTY, "JZX"))[1].values()))
        said = replace(line.master, facts=dict(line.master.facts) | {"JZXSM": "沿渠"})
        cause = Cause("test", "x", outside.clock.now().date(), outside.clock.now())
        survey_layers.write_masters(session, COUNTY, [(line, said)], cause, county_of(session, COUNTY).srid)
        session.commit()
    assert {d.layer for d in reconcile(outside, COUNTY).differences} == {"JZX"}
    export_file(outside, COUNTY, tmp_path / "lines.zip")
    assert import_file(inside, tmp_path / "lines.zip").changed == 1
    found = reconcile(inside, COUNTY)
    assert found.agrees, found.differences
    assert found.boundaries.keys() == {"JZD", "JZX", "KZD"}
    assert found.stores["vault"]["layers"] == found.stores["operational"]["layers"]


def test_a_file_of_the_form_before_with_parcels_alone_is_still_applied(sides, surveyed):
    inside, outside = sides
    path, manifest, _ = surveyed
    said = json.loads(manifest.as_bytes()) | {"format": signed_file.PARCELS_ALONE}
    said["villages"] = said.pop("layers")["DK"]
    body = json.dumps(said).encode()
    rewritten(
        path,
        manifest_json=body,
        signature=exchange_key(outside.settings.var, "operational").sign(body),
    )
    assert import_file(inside, path).changed == 1
    with inside.vault_sessions() as session:
        assert exchange.last_state(session, "vault", COUNTY).keys() == {"DK"}
    assert not reconcile(inside, COUNTY).boundaries["JZD"][codes(outside)[0][:12]].keys() - {"vault"}
    exported = export_file(outside, COUNTY, path.with_name("next.zip"))  # it follows the file as it was sent
    with outside.sessions(COUNTY) as session:
        assert exchange.last(session, "operational", COUNTY, exchange.OUT).number == exported.number
    with inside.vault_sessions() as session:  # set right what this test forged, for those that follow
        newest = exchange.last(session, "vault", COUNTY, exchange.IN)
        newest.manifest_sha256 = signed_file.sha256_of(manifest.as_bytes())
        session.commit()
    import_file(inside, path.with_name("next.zip"))


def test_every_flipped_bit_is_refused(sides, surveyed, tmp_path):
    inside, _ = sides
    path, _, _ = surveyed
    body = path.read_bytes()
    bent = tmp_path / "bent.zip"
    for place in range(0, len(body), max(1, len(body) // 60)):
        bent.write_bytes(body[:place] + bytes([body[place] ^ 0x10]) + body[place + 1 :])
        before = state_of(inside)
        try:
            import_file(inside, bent)
        except Refused:
            assert state_of(inside) == before
        else:  # a bit that carries nothing: a date or an attribute in the zip's own directory
            assert members(bent) == members(path)
            return
    assert refused(inside, bent)


@pytest.mark.parametrize("part", ["manifest_json", "records_jsonl", "signature"])
def test_altered_members_are_refused_though_the_zip_is_sound(sides, surveyed, part):
    inside, _ = sides
    path, _, _ = surveyed
    name = part.replace("_", ".")
    body = members(path)[name]
    altered = shutil.copy(path, path.with_name("x.zip"))
    rewritten(altered, **{part: body[:-3] + b"999"})
    assert refused(inside, altered) in ("exchange_signature", "exchange_altered")


def test_another_areas_records_under_the_signed_manifest_are_refused(sides, surveyed):
    inside, _ = sides
    path, _, _ = surveyed
    other = path.with_name("other.zip")
    line = json.loads(members(path)["records.jsonl"])
    for changed in (
        {"outline": None}, {"code": 5}, {"layer": "CBF"}, {"facts": []}, {"outline": "zz"}, {"outline": "00"},
    ):  # fmt: skip
        shutil.copy(path, other)
        rewritten(other, records_jsonl=json.dumps(line | changed).encode() + b"\n")
        assert refused(inside, other) == "exchange_altered"
    for records in (b"", b"{}\n", b"no json\n", members(path)["records.jsonl"] * 2, b"\n", b"x" * 100):
        shutil.copy(path, other)
        rewritten(other, records_jsonl=records)
        assert refused(inside, other) == "exchange_altered"


def test_another_key_is_refused(sides, surveyed):
    inside, _ = sides
    path, _, _ = surveyed
    forged = path.with_name("forged.zip")
    shutil.copy(path, forged)
    manifest = members(path)["manifest.json"]
    rewritten(forged, signature=Ed25519PrivateKey.generate().sign(manifest))
    assert refused(inside, forged) == "exchange_signature"


def test_a_file_is_applied_once_and_after_its_predecessor(sides, surveyed, tmp_path):
    inside, outside = sides
    path, manifest, _ = surveyed
    later = tmp_path / "later.zip"
    resurvey(outside, codes(outside)[1], by=0.5)
    second = export_file(outside, COUNTY, later)
    assert second.previous == signed_file.sha256_of(manifest.as_bytes())
    assert refused(inside, later) == "exchange_order"
    import_file(inside, path)
    import_file(inside, later)
    for old in (path, later):
        assert refused(inside, old) == "exchange_replayed"


def test_a_file_that_follows_another_history_is_refused(sides, surveyed):
    """The right number, signed by the right side, after a predecessor that was not applied here."""
    inside, outside = sides
    path, manifest, _ = surveyed
    body = replace(manifest, previous="0" * 64).as_bytes()
    strange = path.with_name("strange.zip")
    lines = path.with_name("lines")
    lines.write_bytes(members(path)["records.jsonl"])
    signed_file.pack(strange, body, lines, exchange_key(outside.settings.var, "operational"))
    assert refused(inside, strange) == "exchange_order"


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"county": "990102"}, "exchange_county"), ({"receiver": "operational"}, "exchange_address"),
     ({"sender": "vault"}, "exchange_address"), ({"format": "tianqi-exchange/3"}, "exchange_format"),
     ({"records_bytes": 10}, "exchange_altered"), ({"records": 2}, "exchange_altered")],
)  # fmt: skip
def test_a_signed_file_of_another_county_side_or_form_is_refused(sides, surveyed, changed, code):
    inside, outside = sides
    path, manifest, _ = surveyed
    body = replace(manifest, **changed).as_bytes()
    strange, lines = path.with_name("strange.zip"), path.with_name("lines")
    lines.write_bytes(members(path)["records.jsonl"])
    signed_file.pack(strange, body, lines, exchange_key(outside.settings.var, "operational"))
    assert refused(inside, strange) == code


def test_ones_own_file_is_refused(sides, surveyed):
    """Mirrored back to its sender: it is signed with a key that the sender does not trust for the other side."""
    _, outside = sides
    path, _, _ = surveyed
    with pytest.raises(Refused) as error:
        import_file(outside, path)
    assert error.value.code == "exchange_signature"


def zipped(path, *entries: tuple[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries:
            archive.writestr(name, body)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_tricks_of_the_zip_itself_are_refused(sides, surveyed, tmp_path):
    inside, _ = sides
    path, _, _ = surveyed
    parts = members(path)
    bad = tmp_path / "bad.zip"
    rest = list(parts.items())
    for entries in (
        [*rest, ("../../outside", b"x")],
        [*rest, ("/etc/x", b"x")],
        [*rest, ("manifest.json", parts["manifest.json"])],  # twice
        [("../manifest.json" if name == "manifest.json" else name, body) for name, body in rest],
        [(name, body) for name, body in rest if name != "signature"],
        [],
    ):
        zipped(bad, *entries)
        assert refused(inside, bad) == "exchange_file"
    for body in (b"", b"PK", b"no zip at all", path.read_bytes()[: path.stat().st_size // 2]):
        bad.write_bytes(body)
        assert refused(inside, bad) == "exchange_file"
    assert not list(tmp_path.parent.glob("outside"))


def test_bombs_are_read_no_further_than_signed(sides, surveyed, tmp_path, monkeypatch):
    """A member that unpacks to gigabytes: no more of it is read than the manifest states, or than one line may have."""
    inside, _ = sides
    path, _, _ = surveyed
    parts = members(path)
    read = 0
    real = zipfile.ZipExtFile.read1

    def counted(self, n=-1):
        nonlocal read
        body = real(self, n)
        read += len(body)
        return body

    monkeypatch.setattr(zipfile.ZipExtFile, "read1", counted)
    bomb = tmp_path / "bomb.zip"
    huge = b"0" * (64 << 20)
    for name in ("manifest.json", "signature", "records.jsonl"):
        read = 0
        zipped(bomb, *((parts | {name: huge}).items()))
        assert refused(inside, bomb) in ("exchange_file", "exchange_altered", "exchange_signature")
        assert read < 12 << 20, name


def test_killed_between_applying_and_its_receipt_it_was_applied_once_and_can_be_receipted(
    sides, surveyed, monkeypatch
):
    inside, outside = sides
    path, manifest, new = surveyed

    def die(place: str) -> None:
        assert place in SELDOM
        raise KeyboardInterrupt(place)

    monkeypatch.setattr(files, "reach", die)
    with pytest.raises(KeyboardInterrupt, match="exchange_applied"):
        import_file(inside, path)
    monkeypatch.undo()
    assert refused(inside, path) == "exchange_replayed"
    with inside.vault_sessions() as session:
        assert vault.of_codes(session, COUNTY, "DK", [new.code])[new.code].master.outline == new.outline
    receipt = receipt_of(inside, COUNTY, manifest.number)
    assert take_receipt(outside, json.loads(json.dumps(receipt))) == manifest.number


def test_killed_before_the_file_was_written_it_can_be_written_again(sides, surveyed, tmp_path):
    inside, outside = sides
    path, manifest, _ = surveyed
    export_again(outside, COUNTY, manifest.number, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == path.read_bytes()
    import_file(inside, tmp_path / "again.zip")


def test_receipts_are_signed_and_of_a_file_that_was_sent(sides, surveyed):
    inside, outside = sides
    path, manifest, _ = surveyed
    receipt = import_file(inside, path).receipt
    for changed in (
        {"number": manifest.number + 1},
        {"signature": "00"},
        {"manifest_sha256": "0" * 64},
        {"county": "990102"},
    ):
        with pytest.raises(Refused):
            take_receipt(outside, receipt | changed)
    with pytest.raises(Refused):
        take_receipt(inside, receipt)  # one's own
    with outside.sessions(COUNTY) as session:
        assert exchange.file(session, "operational", COUNTY, exchange.OUT, manifest.number).receipt is None
    take_receipt(outside, receipt)


def test_a_parcel_that_an_open_case_holds_is_waited_for(sides, tmp_path, running):
    inside, outside = sides
    play = played(running, "township_review", "straight")
    with outside.sessions(COUNTY) as session:
        case = session.scalars(select(Case).where(Case.number == play.number)).one()
        held = session.scalars(
            select(Reservation.code).where(Reservation.case_id == case.id, Reservation.kind == "parcel")
        ).first()
    assert held
    with inside.vault_sessions() as session:
        kept = vault.of_codes(session, COUNTY, "DK", [held])[held]
        facts = dict(kept.master.facts) | {"SCMJ": "1.11"}
        vault.add(
            session,
            [(replace(kept.master, facts=facts), kept.version)],
            COUNTY,
            ("import", "9"),
            inside.clock.now(),
        )
        session.commit()
    export_file(inside, COUNTY, tmp_path / "masters.zip")
    with pytest.raises(Refused) as error:
        import_file(outside, tmp_path / "masters.zip")
    assert (error.value.code, error.value.facts["number"]) == ("reserved", play.number)
    with outside.sessions(COUNTY) as session:
        for row in session.scalars(select(Reservation).where(Reservation.county == COUNTY)):
            row.released_at = running.clock.now()
        session.commit()
    assert import_file(outside, tmp_path / "masters.zip").changed == 1


def test_without_the_others_key_nothing_is_applied(running, tmp_path):
    inside, outside = two_sides(running, tmp_path)
    (inside.settings.var / "secrets" / "trusted-operational.pub").unlink()
    (tmp_path / "x.zip").write_bytes(b"x")
    with pytest.raises(Refused) as error:
        import_file(inside, tmp_path / "x.zip")
    assert error.value.code == "no_trust"
    with pytest.raises(ValueError):
        trust(inside.settings.var, "operational", "zz")
    assert len(public_key_hex(exchange_key(outside.settings.var, "operational"))) == 64


def test_where_a_network_joins_the_stores_there_are_no_files(running, tmp_path):
    with pytest.raises(Refused) as error:
        export_file(running, COUNTY, tmp_path / "x.zip")
    assert error.value.code == "joined"
