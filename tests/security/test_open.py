"""The public page: nothing of the register comes out of it, however one asks; it asks the query store alone."""

import json
import re

import psycopg
import pytest
import shapely
from sqlalchemy import text

from engine.queries import open_land
from tests.web.staff import words
from web.app import create_app
from web.limits import limiter

COUNTY = "990101"
NUMBER = re.compile(r"-?\d+\.?\d*")


@pytest.fixture(scope="module")
def facts(running):
    """What must not come out: coordinates as numbers, and names and numbers of persons."""
    with running.sessions(COUNTY) as session:
        shapes = session.scalars(text("select st_asbinary(geom) from operational.parcel_versions")).all()
        names = set(
            session.scalars(text("select name from operational.contractor_versions where kind <> '3'"))
        )
        names |= set(session.scalars(text("select name from operational.members")))
        phones = set(
            session.scalars(text("select phone from operational.contractor_versions where phone is not null"))
        )
    corners = shapely.get_coordinates(shapely.from_wkb([bytes(shape) for shape in shapes]))
    return {round(value, 3) for value in corners.ravel().tolist()}, names, phones


@pytest.fixture(scope="module")
def villages(running):
    with running.query_sessions() as query:
        return [code for one in open_land.townships(query, COUNTY) for code, _ in one.villages]


@pytest.fixture(scope="module")
def parcels(running, villages):
    with running.query_sessions() as query:
        return {village: open_land.lines(query, village, 1)[0] for village in villages}


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Every statement that goes to a database."""
    sent: list[str] = []
    real = psycopg.Cursor.execute

    def note(cursor, query, *values, **more):
        sent.append(" ".join(str(query).split()).lower())
        return real(cursor, query, *values, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", note)
    return sent


def addresses(web, villages, parcels) -> list[str]:
    """Every address of the public side, from the application itself, for every village and some parcels."""
    found = []
    for rule in web.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in ("open", "api-open"):
            continue
        if "<code>" not in rule.rule:
            found += [rule.rule, f"{rule.rule}?q=村", f"{rule.rule}?q={COUNTY}"]
        elif "parcels" in rule.rule:
            found += [rule.rule.replace("<code>", p.code) for rows in parcels.values() for p in rows[:4]]
        else:
            found += [rule.rule.replace("<code>", village) for village in villages]
            found += [rule.rule.replace("<code>", village) + "?page=2" for village in villages]
    assert len(found) > 30
    return found


def test_no_coordinate_name_or_number_of_the_register_is_in_any_public_answer(web, facts, villages, parcels):
    coordinates, names, phones = facts
    exact = {value for value in coordinates if value % 5}  # those that happen to lie on the grid tell nothing
    assert len(exact) > 1000
    client = web.test_client()
    for address in addresses(web, villages, parcels):
        answer = client.get(address)
        assert answer.status_code == 200, address
        told = {round(float(number), 3) for number in NUMBER.findall(answer.text)}
        assert not told & exact, address
        assert not [name for name in names if len(name) > 1 and name in answer.text], address
        assert not [phone for phone in phones if phone in answer.text], address
        assert not re.search(r"\d{17}[\dX](?!\d)", re.sub(r"\d{19}", "", answer.text)), (
            address
        )  # contractors, persons


def test_every_corner_lies_on_the_grid(web, villages):
    client = web.test_client()
    for village in villages:
        drawn = client.get(f"/open/villages/{village}.geojson").get_json()
        assert drawn["features"]
        for feature in drawn["features"]:
            corners = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))
            assert not (corners % 5).any()
            assert feature["properties"].keys() == {"code", "name", "layer", "area"}


def test_the_query_store_alone_is_asked(web, villages, parcels, asked):
    client = web.test_client()
    for address in addresses(web, villages, parcels):
        client.get(address)
    assert asked
    strays = [one for one in asked if "from query." not in one and "set transaction read only" not in one]
    assert strays == []


def test_the_map_looks_as_it_did_after_the_survey_moved_within_its_cells(running, parcels):
    """Two registers that differ by less than the grid cannot be told apart from outside."""
    drawn = [shapely.geometry.shape(one.drawn) for rows in parcels.values() for one in rows]
    tree = shapely.STRtree(drawn)
    left, right = tree.query(drawn, predicate="overlaps")
    pairs = left < right
    over = sum(drawn[a].intersection(drawn[b]).area for a, b in zip(left[pairs], right[pairs], strict=True))
    assert over < 0.05 * sum(one.area for one in drawn)  # neighbours may touch and graze, no more


@pytest.mark.parametrize(
    "address",
    ["/open/villages/99", "/open/villages/990101999999", "/open/villages/%27%20or%201=1", "/open/villages/990101100201'.geojson",
     "/open/villages/..%2F..%2Fetc.geojson", "/open/parcels/1", "/open/parcels/9901011002010199999", "/open/parcels/%00",
     "/open/parcels/٩٩٠١٠١١٠٠٢٠١٠١٠٠٠٠١", "/api/v1/open/parcels/x", "/api/v1/open/villages/990101"],
)  # fmt: skip
def test_what_is_not_there_is_said_so(web, address):
    answer = web.test_client().get(address)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "words_asked", ["%", "_", "'", "村\x00", "x" * 5000, "<script>alert(1)</script>", "９９０１"]
)
def test_whatever_is_looked_for_finds_places_or_nothing(web, words_asked):
    answer = web.test_client().get("/open", query_string={"q": words_asked})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    if words_asked in ("%", "_"):
        assert "没有查到" in words(answer)


def test_a_parcel_is_found_by_its_code_and_a_village_by_its_name(web, parcels):
    client = web.test_client()
    code = next(iter(parcels.values()))[0].code
    answer = client.get("/open", query_string={"q": f" {code[:10]} {code[10:]} "})
    assert answer.location.endswith(f"/open/parcels/{code}")
    page = client.get(answer.location)
    assert "不能作为权属、面积或界址的依据" in words(page)
    assert "家庭承包" in words(page)
    name = re.search(r"/open/villages/(\d+)\">([^<]+)<", client.get("/open").text)
    assert name
    assert f"/open/villages/{name[1]}" in client.get("/open", query_string={"q": name[2]}).text


def test_programs_are_told_the_same(web, parcels):
    one = next(iter(parcels.values()))[0]
    told = web.test_client().get(f"/api/v1/open/parcels/{one.code}").get_json()
    assert (told["code"], told["area_mu"], told["state"]) == (one.code, str(one.area_mu), one.state)
    assert told["grid_m"] == 5
    assert "holder" not in told
    assert shapely.geometry.shape(told["outline"]).equals(
        shapely.geometry.shape(json.loads(json.dumps(one.drawn)))
    )


def test_it_can_be_asked_so_often_and_no_more(running, monkeypatch):
    monkeypatch.setenv("TIANQI_LIMITS", "on")
    client = create_app(running).test_client()
    limiter.reset()
    try:
        answers = [client.get("/open/parcels/1").status_code for _ in range(62)]
        assert answers == [404] * 60 + [429] * 2
    finally:
        limiter.reset()
        limiter.enabled = False


def test_nothing_can_be_written_through_it(web):
    from web.db import query_session

    with web.test_request_context("/open"):
        with pytest.raises(Exception, match="read-only transaction"):
            query_session().execute(text("delete from query.parcels"))
        query_session().rollback()


def test_where_nothing_is_opened_the_page_says_so(running, web, monkeypatch):
    monkeypatch.setitem(running.__dict__, "query_engine", None)
    answer = web.test_client().get("/open")
    assert answer.status_code == 404
    assert "没有开放公开查询" in words(answer)
