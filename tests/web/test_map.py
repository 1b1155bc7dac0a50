"""The map: the scope's parcels as GeoJSON in the county's zone, by division and by what is in view."""

import pytest
import shapely

from engine.queries import map as parcels
from tests.web.staff import staff, words  # noqa: F401  # staff is a fixture

FEATURES = "/map/parcels.geojson"


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


def codes(answer):
    return {feature["properties"]["code"] for feature in answer.get_json()["features"]}


def test_parcels_of_ones_own_village_with_who_holds_them(village):
    answer = village.get(FEATURES)
    assert answer.mimetype == "application/geo+json" and "no-store" in answer.headers["Cache-Control"]
    features = answer.get_json()["features"]
    assert len(features) > 50 and answer.get_json()["truncated"] is False
    assert all(f["properties"]["code"].startswith("990101100201") for f in features)
    held = [f["properties"] for f in features if f["properties"]["holder"]]
    assert held and all(p["href"].startswith("/register/990101100201") for p in held)
    outline = shapely.geometry.shape(features[0]["geometry"])
    area = float(features[0]["properties"]["area"].split()[0])
    assert outline.area * 0.0015 == pytest.approx(area, abs=0.011)


def test_asking_for_another_village_gives_ones_own(staff, village):
    assert codes(village.get(f"{FEATURES}?division=990101201201")) == codes(village.get(FEATURES))
    both = codes(staff("county").get(FEATURES))
    assert codes(village.get(FEATURES)) < both
    assert codes(staff("county").get(f"{FEATURES}?division=990101201201")) == codes(
        staff("village2").get(FEATURES)
    )


def test_only_what_is_in_view(village):
    feature = village.get(FEATURES).get_json()["features"][0]
    west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
    seen = codes(village.get(f"{FEATURES}?bbox={west},{south},{east},{north}"))
    assert feature["properties"]["code"] in seen and len(seen) < len(codes(village.get(FEATURES)))
    assert codes(village.get(f"{FEATURES}?bbox=0,0,1,1")) == set()


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "nan,0,1,1", "5,5,1,1", "inf,0,1,1", "1e999,0,2,2"])
def test_a_box_that_is_none_is_refused(village, box):
    assert village.get(f"{FEATURES}?bbox={box}").status_code == 422


def test_too_many_are_cut_and_said_to_be(village, monkeypatch):
    monkeypatch.setattr(parcels, "MOST", 10)
    answer = village.get(FEATURES).get_json()
    assert len(answer["features"]) == 10 and answer["truncated"] is True


def test_the_table_beside_says_the_same(village):
    page = village.get("/map")
    total = len(codes(village.get(FEATURES)))
    assert f"地块列表，共{total}块" in words(page) and "柳湾村" in words(page)
    assert 'data-epsg="45' in page.text and "+proj=tmerc" in page.text
    assert village.get("/map?page=2").status_code == 200 and village.get("/map?page=9999").status_code == 200
    assert village.get("/map?division=%00&page=x").status_code == 200


def test_a_surveyor_sees_the_map_without_ways_into_the_register(staff):
    surveyor = staff("surveyor")
    assert "/register/" not in surveyor.get("/map?division=990101100201").text
    assert all("href" not in f["properties"] for f in surveyor.get(FEATURES).get_json()["features"])


def test_the_map_is_not_for_everybody(staff, web):
    assert staff("auditor").get(FEATURES).status_code == 403
    assert web.test_client().get(FEATURES).status_code == 302
