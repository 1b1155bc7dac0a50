"""The packages' place is for everybody: axe, 360 px, both languages; a difference as a person sees it."""

from pathlib import Path

from sqlalchemy import text

from engine.exchange.demo import write_demo_county
from tests.e2e.looking import look
from tests.usecases.acting import COUNTY


def test_packages(visit, site, tmp_path: Path, shot):
    with site.app.sessions(COUNTY) as session:
        session.execute(
            text("""update operational.parcel_versions set name = '旧名', measured_area = measured_area + 7
            where county = :c and id in (select id from operational.parcel_versions where county = :c limit 3)"""),
            {"c": COUNTY},
        )
        session.commit()
    package = write_demo_county(tmp_path / "990101田溪县.zip", households=60).path
    page = visit.staff("steward")
    look(page, "/packages")
    page.goto("/packages")
    page.set_input_files("#f-package", package)
    page.get_by_role("button", name="上传并检查").click()
    place = page.url.rpartition("/packages/")[2].partition("?")[0]
    page.goto("/packages")  # the package's page comes again by itself while it is checked
    site.pump()
    look(page, f"/packages/{place}")
    look(page, f"/packages/{place}/differences/parcel/changed")
    page.goto(f"/packages/{place}")
    shot(page, "package")
