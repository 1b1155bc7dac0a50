"""The map: tiles and features of the scope alone, on any day; what one chose; what changed; sheets; the same for programs."""

import gzip
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely
from redis import Redis
from sqlalchemy import text

from engine.domain.changes import EndHousehold
from engine.domain.tiles import NORTH, WIDEST
from engine.queries import map as parcels
from engine.store.changes import make, register_for
from engine.store.register import Cause
from engine.store.tables.history import ReadRecord
from tests.store.test_changes_stored import fresh, halved
from tests.web.api_support import sign_in
from tests.web.staff import COUNTY, staff, words  # noqa: F401  # staff is a fixture
from web import tile_cache

FEATURES = "/map/parcels.geojson"
VILLAGE, OTHER = "990101100201", "990101201201"


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def county(staff):
    return staff("county")


def codes(answer):
    return {feature["properties"]["code"] for feature in answer.get_json()["features"]}


def tile_at(outline, level, **asked):
    """Address of the tile that has the outline's middle."""
    place = shapely.geometry.shape(outline).representative_point()
    width = WIDEST / 2**level
    words = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/map/tiles/{level}/{int(place.x // width)}/{int((NORTH - place.y) // width)}" + (
        f"?{words}" if words else ""
    )


@pytest.fixture(scope="module")
def land(village):
    """A parcel's feature, of village1."""
    return village.get(FEATURES).get_json()["features"][0]


def split(running, on, ref):
    """A parcel of some household becomes two on that day; gives its code and the pieces'."""
    [household] = fresh(running, 1)
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(household, "")], on)
        code = register.contracts[household].codes[0]
        number = 90000 + int(ref[-3:]) * 2
        change = halved(register, code, (number, number + 1))
        make(session, COUNTY, [change], Cause("case", ref, on, running.clock.now() + timedelta(days=1)))
        session.commit()
    return code, [piece.code for piece in change.pieces]


def test_parcels_of_ones_own_village_with_who_holds_them(village):
    answer = village.get(FEATURES)
    assert answer.mimetype == "application/geo+json" and "no-store" in answer.headers["Cache-Control"]
    features = answer.get_json()["features"]
    assert len(features) > 50 and answer.get_json()["truncated"] is False
    assert all(f["properties"]["code"].startswith(VILLAGE) for f in features)
    held = [f["properties"] for f in features if f["properties"]["holder"]]
    assert held and all(p["href"].startswith(f"/register/{VILLAGE}") for p in held)
    outline = shapely.geometry.shape(features[0]["geometry"])
    area = float(features[0]["properties"]["area"].split()[0])
    assert outline.area * 0.0015 == pytest.approx(area, abs=0.011)


def test_asking_for_another_village_gives_ones_own(staff, village, county):
    assert codes(village.get(f"{FEATURES}?division={OTHER}")) == codes(village.get(FEATURES))
    both = codes(county.get(FEATURES))
    assert codes(village.get(FEATURES)) < both
    assert codes(county.get(f"{FEATURES}?division={OTHER}")) == codes(staff("village2").get(FEATURES))


def test_only_what_is_in_view(village, land):
    west, south, east, north = shapely.geometry.shape(land["geometry"]).bounds
    seen = codes(village.get(f"{FEATURES}?bbox={west},{south},{east},{north}"))
    assert land["properties"]["code"] in seen and len(seen) < len(codes(village.get(FEATURES)))
    assert codes(village.get(f"{FEATURES}?bbox=0,0,1,1")) == set()


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "nan,0,1,1", "5,5,1,1", "inf,0,1,1", "1e999,0,2,2"])
def test_a_box_that_is_none_is_refused(village, box):
    assert village.get(f"{FEATURES}?bbox={box}").status_code == 422


@pytest.mark.parametrize("day", ["2026-13-01", "x", "0001-01-01", "9999-12-31", "%00", "2026-02-30"])
def test_a_day_that_is_none_is_refused_and_the_page_says_so(village, day):
    for path in (FEATURES, "/map/tiles/8/1/1", "/map/changes.geojson"):
        assert village.get(f"{path}?day={day}").status_code == 422
    page = village.get(f"/map?day={day}&q=x")
    assert (
        page.status_code == 422 and "日期应写成 2026-03-15 这样" in words(page) and 'value="x"' in page.text
    )
    assert "data-today" in page.text  # scripts ask for today's tiles


@pytest.mark.parametrize("tile", ["13/1/1", "8/99999999/1", "8/1/99999999"])
def test_there_are_only_so_many_tiles(village, tile):
    assert village.get(f"/map/tiles/{tile}").status_code == 422


def test_too_many_are_cut_and_said_to_be(village, monkeypatch):
    monkeypatch.setattr(parcels, "MOST", 10)
    monkeypatch.setattr(parcels.parcels_in, "__defaults__", ("", None, None, 10))
    answer = village.get(FEATURES).get_json()
    assert len(answer["features"]) == 10 and answer["truncated"] is True


def test_a_tile_has_what_lies_in_it_and_no_names_of_people(village, land):
    answer = village.get(tile_at(land["geometry"], 11))
    assert answer.mimetype == "application/vnd.mapbox-vector-tile" and b"\x1a" in answer.data
    assert land["properties"]["code"].encode() in answer.data
    holder = next(
        f["properties"]["holder"] for f in village.get(FEATURES).json["features"] if f["properties"]["holder"]
    )
    assert holder.encode() not in answer.data
    assert village.get("/map/tiles/11/0/0").data == b""


def test_a_tile_of_a_low_zoom_has_outlines_and_counts(village, county, land):
    tile = tile_at(land["geometry"], 5)
    seen = village.get(tile).data
    assert b"divisions" in seen and b"places" in seen and VILLAGE.encode() in seen
    assert OTHER.encode() not in seen and land["properties"]["code"].encode() not in seen
    assert len(seen) < 5000


def test_tiles_end_where_the_scope_does(staff, village, land):
    own, other = land["properties"]["code"].encode(), staff("village2")
    for level in (5, 8, 11):
        for asked in ({}, {"division": VILLAGE}, {"day": "2026-02-01"}):
            seen = other.get(tile_at(land["geometry"], level, **asked)).data
            assert own not in seen and VILLAGE.encode() not in seen
    # the same square, each gets his own: the scope is in the cache's key
    assert own in village.get(tile_at(land["geometry"], 11)).data


def test_a_tile_is_kept_and_asked_about_and_a_change_shows_at_once(running, county):
    [household] = fresh(running, 1)
    on = date(2026, 3, 2)
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(household, "")], on)
        parcel = register.parcels[register.contracts[household].codes[0]]
        tile = tile_at(shapely.geometry.mapping(parcel.outline), 11)
        first = county.get(tile)
        assert first.headers["Cache-Control"] == "private, no-cache"
        kept = {"If-None-Match": first.headers["ETag"]}
        again = county.client.get(tile, headers=kept)
        assert (again.status_code, again.data) == (304, b"")
        change = halved(register, parcel.code, (90801, 90802))
        made = Cause("case", "99010120260302000801", on, running.clock.now())
        make(session, COUNTY, [change], made)
        assert county.client.get(tile, headers=kept).status_code == 304  # not yet committed
        session.commit()
    after = county.client.get(tile, headers=kept)
    assert after.status_code == 200 and after.headers["ETag"] != kept["If-None-Match"]
    pieces = [piece.code.encode() for piece in change.pieces]
    old = parcel.code.encode()
    assert all(one in after.data and one not in first.data for one in pieces)
    assert old in first.data and old not in after.data
    assert old in county.get(f"{tile}?day=2026-03-01").data
    [low] = {county.get(tile_at(shapely.geometry.mapping(parcel.outline), 6)).data}
    with running.sessions(COUNTY) as session:
        query = "select parcels from operational.division_outlines where county = :c and division = :d"
        standing = "select count(*) from operational.parcel_versions where county = :c and division = :d and valid_to is null and superseded_at is null"
        facts = {"c": COUNTY, "d": session.scalar(text("select division from operational.parcels where code = :p"), {"p": parcel.code})}  # fmt: skip
        assert session.scalar(text(query), facts) == session.scalar(text(standing), facts) and low


def test_packed_tiles_are_for_those_who_take_them(county, land):
    tile = tile_at(land["geometry"], 11)
    packed = county.client.get(tile, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == county.get(tile).data


def test_the_cache_may_be_lost_away_or_full_of_others(running, county, land, monkeypatch):
    tile = tile_at(land["geometry"], 11)
    whole = county.get(tile).data
    redis = Redis.from_url(running.settings.redis_url)
    kept = [key for key in redis.scan_iter("tiles:*")]
    assert 0 < len(kept) <= tile_cache.PLACES and all(redis.ttl(key) > 0 for key in kept)
    for key in kept:
        redis.set(key, b"another's")
    assert county.get(tile).data == whole
    redis.delete(*kept)
    assert county.get(tile).data == whole
    monkeypatch.setattr(running, "settings", replace(running.settings, redis_url="redis://127.0.0.1:1/0"))
    assert county.get(tile).data == whole


def test_the_page_has_a_table_that_says_the_same(village):
    page = village.get("/map")
    total = len(codes(village.get(FEATURES)))
    assert f"地块列表，共{total}块" in words(page) and "柳湾村" in words(page)
    assert 'data-epsg="45' in page.text and "+proj=tmerc" in page.text
    assert village.get("/map?page=2").status_code == 200 and village.get("/map?page=9999").status_code == 200
    assert village.get("/map?division=%00&page=x").status_code == 200


def rows(page):
    return re.findall(r'<tr class="govuk-table__row" data-parcel-row="(\w+)"', page.text)


def test_parcels_are_found_by_code_name_household_and_member(running, staff, village, county):
    lines = village.get(FEATURES).json["features"]
    every = codes(village.get(FEATURES))

    def begins_others(code):
        return any(parcel.startswith(code) for parcel in every)

    held = next(
        f["properties"]
        for f in lines
        if f["properties"]["holder"] and begins_others(f["properties"]["href"].rpartition("/")[2])
    )
    household = held["href"].rpartition("/")[2]
    own = {f["properties"]["code"] for f in lines if f["properties"].get("href", "").endswith(household)}
    assert rows(village.get(f"/map?q={held['code']}")) == [held["code"]]
    assert set(rows(village.get(f"/map?q={household}"))) == own
    assert own <= set(rows(village.get(f"/map?q={held['holder']}")))
    assert all(held["name"] in words(village.get(f"/map?q={held['name']}")) for _ in "1")
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(household, "")], date(2026, 3, 2))
        number = register.contractors[household].members[-1].id_number
    assert set(rows(village.get(f"/map?q={number}"))) == own
    assert rows(staff("village2").get(f"/map?q={number}")) == []
    with running.sessions(COUNTY) as session:
        said = [r.subject for r in session.query(ReadRecord).filter(ReadRecord.action == "search")]
    assert f"search:map:{number[:3]}{'*' * 11}{number[-4:]}" in said and not any(
        number in one for one in said
    )
    group = county.get("/map?q=柳湾村")
    assert rows(group) and all(code.startswith(VILLAGE) for code in rows(group))
    assert "没有找到地块" in words(county.get("/map?q=没有这样的地"))
    assert county.get("/map?q=%25_%27 %00 a b c d e f g").status_code == 200


def test_the_chosen_parcel_tells_whose_it_is_and_that_is_recorded(running, village, staff, land):
    held = next(f["properties"] for f in village.get(FEATURES).json["features"] if f["properties"]["holder"])
    household = held["href"].rpartition("/")[2]
    with running.sessions(COUNTY) as session:
        register = register_for(session, COUNTY, [EndHousehold(household, "")], date(2026, 3, 2))
        numbers = [member.id_number for member in register.contractors[household].members]
    for page in (village.get(f"/map?parcel={held['code']}"), village.get(f"/map/parcels/{held['code']}")):
        assert page.status_code == 200
        assert held["holder"] in words(page) and held["href"] in page.text
        assert f"/register/parcels/{held['code']}" in page.text and "数据导入（第" in words(page)
        assert not any(number in page.text for number in numbers)
    with running.sessions(COUNTY) as session:
        seen = session.query(ReadRecord).filter(ReadRecord.subject == f"parcel:{held['code']}").count()
    assert seen == 2
    assert staff("village2").get(f"/map/parcels/{held['code']}").status_code == 404
    elsewhere = staff("village2").get(f"/map?parcel={held['code']}")
    assert elsewhere.status_code == 200 and held["holder"] not in words(elsewhere)
    assert village.get("/map/parcels/x%00").status_code == 404


def test_another_day_shows_what_stood_then_and_what_changed_since(running, county):
    code, pieces = split(running, date(2026, 3, 2), "99010120260302000201")
    running.clock.move_to(running.clock.now() + timedelta(days=2))
    assert "当日的登记情况" in words(county.get("/map?day=2026-03-01"))
    for day, there, gone in (("2026-03-01", [code], pieces), ("2026-03-02", pieces, [code])):
        seen = codes(county.get(f"{FEATURES}?day={day}&division={code[:12]}"))
        assert set(there) <= seen and not seen & set(gone)
        assert all(rows(county.get(f"/map?q={one}&day={day}")) == [one] for one in there)
        assert all(rows(county.get(f"/map?q={one}&day={day}")) == [] for one in gone)
    # it was recorded the day after: by the end of its own day nobody knew of it
    assert code in codes(county.get(f"{FEATURES}?day=2026-03-02&known=2026-03-02&division={code[:12]}"))
    drawn = county.get("/map/changes.geojson?since=2026-03-01").json["features"]
    told = {f["properties"]["code"]: f["properties"] for f in drawn}
    assert {told[one]["layer"] for one in pieces} == {"added"} and told[code]["layer"] == "ended"
    assert all(told[one]["ref"] == "99010120260302000201" for one in (code, *pieces))
    page = county.get(f"/map?since=2026-03-01&parcel={code}")
    assert page.text.count('href="/cases/99010120260302000201"') >= 3 and f'data-chosen="{code}"' in page.text
    assert "两天之间没有变化" in words(county.get("/map?since=2026-02-01&day=2026-02-15"))


def test_an_open_case_and_a_dispute_are_marked_and_told(running, village, land):
    code = village.households()[0]
    number = village.start(code)
    parcel = land["properties"]["code"]
    with running.sessions(COUNTY) as session:
        session.execute(
            text("""insert into operational.blocks (county, kind, "on", code, ref, starts_on, recorded_at, recorded_by,
                division) values (:c, 'dispute', 'parcel', :p, '仲裁1号', '2026-01-01', now(), 'x', :d)"""),
            {"c": COUNTY, "p": parcel, "d": VILLAGE},
        )
        session.commit()
    marks = [f["properties"] for f in village.get("/map/marks.geojson").json["features"]]
    mine = [m for m in marks if m["mark"] == "case" and m["ref"] == number]
    assert mine and {"dispute"} == {m["mark"] for m in marks if m["code"] == parcel and m["ref"] == "仲裁1号"}
    assert f"/cases/{number}" in village.get(f"/map/parcels/{mine[0]['code']}").text
    assert "争议 仲裁1号" in words(village.get(f"/map/parcels/{parcel}"))


def test_a_sheet_is_at_a_round_scale_and_without_coordinates(village, land):
    west, south, east, north = shapely.geometry.shape(land["geometry"]).bounds
    page = village.get(
        f"/map/print?bbox={west - 50},{south - 50},{east + 50},{north + 50}&parcel={land['properties']['code']}"
    )
    assert page.status_code == 200 and re.search(r"1:\d+00\b", words(page)) and "图上不注坐标" in words(page)
    assert "<svg" in page.text and "承包地块" in page.text and "style=" not in page.text
    assert str(int(west))[:5] not in page.text.partition("<svg")[2].partition("</svg>")[0]
    assert village.get("/map/print").status_code == 200
    assert "没有" in words(village.get("/map/print?day=1950-01-01"))


def test_a_surveyor_sees_the_map_without_ways_into_the_register(staff):
    surveyor = staff("surveyor")
    page = surveyor.get(f"/map?division={VILLAGE}")
    assert "/register/" not in page.text
    assert all("href" not in f["properties"] for f in surveyor.get(FEATURES).get_json()["features"])
    assert "/register/" not in surveyor.get(f"/map/parcels/{rows(page)[0]}").text


def test_the_map_is_not_for_everybody(staff, web):
    for path in (FEATURES, "/map/tiles/8/9160/1209", "/map/print", "/map/marks.geojson"):
        assert staff("auditor").get(path).status_code == 403
        assert web.test_client().get(path).status_code == 302


def test_programs_get_the_same(web, county, land):
    program = sign_in(web, "county")
    grid = program.get("/map/grid").json
    assert grid["widest"] == WIDEST and 4513 <= grid["srid"] <= 4554
    code = land["properties"]["code"]
    tile = tile_at(land["geometry"], 11)
    answer = program.get(tile)
    assert answer.data == county.get(tile).data
    assert program.get(tile, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert codes(program.get(f"/map/parcels?division={VILLAGE}")) == codes(
        county.get(f"{FEATURES}?division={VILLAGE}")
    )
    told = program.get(f"/map/parcels/{code}").json
    assert (told["code"], told["cause"]) == (code, "import") and told["geometry"] == land["geometry"]
    assert program.get(f"/map/parcels/{code}?day=1999-01-01").status_code == 404
    assert program.get("/map/parcels?day=x").status_code == 422
    assert program.get("/map/changes?since=2026-02-01&day=2026-02-02").json["features"] == []


def lettered(tile):
    """Codes of the tile's parcels whose name goes into it, read off the Mapbox Vector Tile (protobuf) itself."""

    def fields(body):
        at = 0

        def number():
            nonlocal at
            value = shift = 0
            while True:
                byte = body[at]
                at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
                if byte < 128:
                    return value

        while at < len(body):
            key = number()
            if key & 7 == 0:
                yield key >> 3, number()
            else:
                size = number() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
                at += size
                yield key >> 3, body[at - size : at]

    def varints(body):
        value = shift = 0
        for byte in body:
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                yield value
                value = shift = 0

    found = []
    for _, layer in fields(tile):
        parts = list(fields(layer))
        if (1, b"parcels") not in parts:
            continue
        keys = [body.decode() for tag, body in parts if tag == 3]
        values = [next(iter(dict(fields(body)).values())) for tag, body in parts if tag == 4]
        for tag, body in parts:
            if tag == 2:
                tags = list(varints(dict(fields(body))[2]))
                said = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
                found += [said["code"].decode()] if said["here"] else []
    return found


def test_each_parcel_is_lettered_in_one_tile_and_no_other(village):
    features = village.get(FEATURES).json["features"]
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in features])
    width = WIDEST / 2**11
    found = Counter(
        code
        for column in range(int(west // width), int(east // width) + 1)
        for row in range(int((NORTH - north) // width), int((NORTH - south) // width) + 1)
        for code in lettered(village.get(f"/map/tiles/11/{column}/{row}").data)
    )
    assert found == Counter(f["properties"]["code"] for f in features)
