"""One's own account: activating it, the password, the second factor. Open to whoever is signed in, in any position."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from markupsafe import Markup

from engine.domain.accounts import limit
from engine.domain.errors import Invalid, NotAllowed, NotFound
from engine.store.recovery import codes_left
from engine.store.staff_sessions import sessions_of
from engine.usecases.accounts import own
from engine.usecases.sign_in import matches
from web.accounts.blueprint import as_uuid
from web.auth import after_password, here, let_in, timeouts
from web.db import db, running
from web.i18n import in_words
from web.inbox.shell import staff_shell
from web.limits import limiter

blueprint = Blueprint("own", __name__)
blueprint.context_processor(staff_shell)


@blueprint.get("/activate")
def activate_page():
    return render_template("accounts/activate.html", username="", errors={}, least=limit("password_min"))


@blueprint.post("/activate")
@limiter.limit("30/minute")
def activate_now():
    typed = {name: request.form.get(name, "")[:300] for name in ("username", "code", "password", "again")}
    errors: dict[str, list[str]] = {}
    try:
        return after_password(own.activate(db.session(), running().clock, **typed, address=here()))
    except Invalid as error:
        errors = words_of(error.fields)
    except NotAllowed as error:
        errors = {"code": [_(error.message, **error.facts)]}
    db.session.rollback()
    page = render_template(
        "accounts/activate.html", username=typed["username"], errors=errors, least=limit("password_min")
    )
    return page, 422


@blueprint.get("/account")
@login_required
def account():
    return _page()


def _page(errors: Mapping[str, Any] | None = None, codes: list[str] | None = None) -> str:
    """``missing``: the county wants a second factor before anything else. ``codes`` are shown this once."""
    person, secret = current_user.person, None
    if person.totp_secret is None:
        secret = session["new_secret"] = session.get("new_secret") or own.new_secret()
    return render_template(
        "accounts/own.html",
        person=person,
        errors=errors or {},
        secret=secret,
        picture=_qr(own.address(person, secret)) if secret else None,
        missing=own.second_factor_missing(db.session(), person),
        least=limit("password_min"),
        sessions=sessions_of(db.session(), person.id, datetime.now(UTC), *timeouts(), person.sessions_from),
        this=session.get("session_id"),
        left=codes_left(db.session(), person.id),
        codes=codes,
    )


@blueprint.post("/account/password")
@login_required
@limiter.limit("30/minute")
def password():
    typed = [request.form.get(name, "")[:300] for name in ("old", "password", "again")]
    person = current_user.person
    try:
        own.change_password(db.session(), running().clock, person, *typed)
    except Invalid as error:
        db.session.rollback()
        return _page(words_of(error.fields)), 422
    db.session.commit()
    answer = let_in(person, url_for("own.account"))
    flash(_("密码已更改，其他地方的登录都已退出"), "success")
    return answer


@blueprint.post("/account/keys")
@login_required
def keys():
    """Keyboard of the lists on or off, wherever one signs in."""
    on = request.form.get("keys") == "on"
    own.prefer(db.session(), current_user.person, keys=on)
    db.session.commit()
    flash(_("键盘操作已打开") if on else _("键盘操作已关闭"), "success")
    return redirect(url_for("own.account", _anchor="keys"), 303)


@blueprint.post("/account/second-factor")
@login_required
@limiter.limit("30/minute")
def second_factor():
    secret = session.get("new_secret")
    if secret is None or current_user.person.totp_secret is not None:
        return redirect(url_for("own.account"), 303)
    try:
        own.set_second_factor(
            db.session(), running().clock, current_user.person, secret, request.form.get("code", "")[:20]
        )
    except Invalid as error:
        db.session.rollback()
        return _page(words_of(error.fields)), 422
    codes = own.new_recovery_codes(db.session(), running().clock, current_user.person)
    db.session.commit()
    session.pop("new_secret", None)
    flash(_("动态码已设置。下次登录除密码外还要输入动态码"), "success")
    return _page(codes=codes)


@blueprint.post("/account/recovery-codes")
@login_required
@limiter.limit("10/minute")
def recovery_codes():
    """New ones, for whoever still knows the password."""
    person = current_user.person
    if not matches(person.password_hash, request.form.get("old", "")[:200]):
        return _page({"old_recovery": [_("现在的密码不对")]}), 422
    codes = own.new_recovery_codes(db.session(), running().clock, person)
    db.session.commit()
    return _page(codes=codes)


@blueprint.post("/account/sessions")
@login_required
def end_sessions():
    """One browser's, or all but this one."""
    chosen = as_uuid(request.form.get("session", ""))
    this = as_uuid(session.get("session_id", ""))
    try:
        if chosen is None:
            own.end_other_sessions(db.session(), running().clock, current_user.person, this)
        else:
            own.end_own_session(db.session(), running().clock, current_user.person, chosen)
        db.session.commit()
        flash(_("已退出"), "success")
    except NotFound as error:
        db.session.rollback()
        flash(_(error.message), "error")
    return redirect(url_for("own.account"), 303)


def words_of(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: [in_words(said) for said in messages] for name, messages in fields.items()}


def _qr(text: str) -> Markup:
    """A picture of its own markup: nothing is fetched, nothing is stored."""
    return Markup(
        segno.make(text, error="m").svg_inline(
            scale=5, border=2, omitsize=False, svgclass=None, lineclass=None
        )
    )
