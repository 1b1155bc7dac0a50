"""How the county's papers are printed: set here from a day on, with a reason; what was set before stays to be read."""

import io
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from PIL import Image, UnidentifiedImageError

from engine.domain.clock import local_date
from engine.domain.errors import Invalid
from engine.domain.print_settings import LONGEST_CLAUSE, MOST_CLAUSES, PAGE_SIZES, SWITCHES, from_json
from engine.domain.said import say
from engine.store.print_settings import rows_of, settings_on
from engine.usecases.set_printing import set_printing
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of, status_of
from web.studio.blueprint import blueprint

MOST_MB = 5
MOST_TYPED = (
    2 * MOST_CLAUSES * LONGEST_CLAUSE
)  # characters of clauses; more is cut off and refused all the same
NUMBERS = ("mu_decimals", "parcels_per_page", "background_width", "background_height")


@blueprint.get("/studio/printing")
@needs("studio")
def printing():
    return _page()


@blueprint.post("/studio/printing")
@needs("studio")
def set_printing_now():
    session, app = office_session(), running()
    given: dict[str, Any] = {name: request.form.get(name, "")[:20] for name in (*NUMBERS, "page_size")}
    given |= {name: request.form.get(name, "") for name in SWITCHES}
    given["clauses"] = request.form.get("clauses", "")[:MOST_TYPED]
    try:
        if request.form.get("no_background"):
            given["background"] = ""
        elif request.files.get("picture") and request.files["picture"].filename:
            given["background"] = app.files.put(
                picture_of(request.files["picture"].stream.read(MOST_MB * 1024 * 1024 + 1))
            )
        day, reason = request.form.get("valid_from", "")[:20], request.form.get("reason", "")[:1000]
        row = set_printing(session, app.clock, g.actor, day, given, reason)
        session.commit()
    except Invalid as error:
        session.rollback()
        faults = faults_of(error)
        return _page(faults, request.form), status_of(error)
    flash(_("打印设置已保存，自%(day)s起使用", day=row.valid_from.isoformat()), "success")
    return redirect(url_for("studio.printing"), 303)


def picture_of(body: bytes) -> bytes:
    """The picture drawn anew as PNG, so that nothing else is in the file. Invalid for what is none."""
    if len(body) > MOST_MB * 1024 * 1024:
        raise Invalid({"picture": [say("图片不超过%(most)s MB", most=MOST_MB)]})
    try:
        with Image.open(io.BytesIO(body)) as picture:
            if picture.format not in ("PNG", "JPEG") or picture.width * picture.height > 40_000_000:
                raise ValueError
            drawn = io.BytesIO()
            picture.convert("RGB").save(drawn, "PNG", optimize=True)
    except (UnidentifiedImageError, ValueError, OSError, Image.DecompressionBombError):
        raise Invalid({"picture": [say("请上传 PNG 或 JPEG 图片")]}) from None
    return drawn.getvalue()


def _page(faults: dict[str, list[str]] | None = None, typed: Any = None) -> str:
    session, today = office_session(), local_date(running().clock.now())
    now = settings_on(session, g.actor.county, today)
    return render_template(
        "studio/printing.html",
        now=now,
        shown=typed if typed is not None else now.as_json() | {"clauses": "\n".join(now.clauses)},
        typed=typed is not None,
        faults=faults or {},
        today=today,
        sizes=PAGE_SIZES,
        rows=[(row, from_json(row.settings)) for row in rows_of(session, g.actor.county)],
    )
