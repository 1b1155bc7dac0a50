"""Who is signed in: staff by Flask-Login with a server-side session, in one of their positions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Flask,
    abort,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.domain.clock import local_date
from engine.domain.errors import NotAllowed
from engine.domain.roles import TITLES, may, may_act
from engine.store.firms import firm_names
from engine.store.people import Seat
from engine.store.sign_in_tries import network
from engine.store.staff_sessions import end_one, live_session, open_session
from engine.store.tables.reference import Division, Person, Position
from engine.usecases.accounts.own import check_second_factor, second_factor_missing
from engine.usecases.sign_in import actor_for, recover, seats_of, sign_in, wrong
from web import retyped
from web.db import db, running
from web.limits import limiter
from web.outside import way_out
from web.sessions import begin

blueprint = Blueprint("auth", __name__)
HALF_LASTS = 300  # seconds between the password and the second factor

manager = LoginManager()
manager.login_view = "auth.sign_in_page"
manager.login_message = None
manager.session_protection = "strong"


class SignedIn(UserMixin):
    """The person of this session with the positions that may be acted in today."""

    def __init__(self, person: Person, seats: list[Seat]):
        self.id = str(person.id)
        self.person = person
        self.seats = seats

    @property
    def positions(self) -> list[Position]:
        return [seat.position for seat in self.seats]

    @property
    def seat(self) -> Seat | None:
        """The one acted in: as chosen, else the first; the own ones come first."""
        chosen = session.get("position")
        return next(
            (s for s in self.seats if str(s.position.id) == chosen), self.seats[0] if self.seats else None
        )

    @property
    def position(self) -> Position | None:
        return self.seat.position if self.seat else None


@manager.user_loader
def load(person_id: str) -> SignedIn | None:
    """None where the session is over: too long idle, too old, ended here or by an administrator."""
    known = session.get("session_id")
    idle, longest = timeouts()
    person = known and live_session(
        db.session(), UUID(person_id), UUID(known), datetime.now(UTC), idle, longest
    )
    if not person:
        return None
    return SignedIn(person, seats_of(db.session(), person, local_date(running().clock.now())))


def timeouts() -> tuple[timedelta, timedelta]:
    """(idle, in all)"""
    settings = running().settings
    return timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)


def here() -> str:
    """The network that the request comes from."""
    return network(request.remote_addr)


LOOKING = ("GET", "HEAD")
UNTIL_SECOND = ("auth.", "own.")  # what is open before a second factor that the county wants is set up


def set_actor() -> Any:
    """Before every request: the position that acts, or nobody."""
    g.actor = None
    if request.endpoint == "static" or request.path.startswith(("/portal", "/api/", "/verify", "/healthz")):
        return None
    if not (current_user.is_authenticated and current_user.seat):
        return None
    actor = actor_for(current_user.person, current_user.seat.position, current_user.seat.principal)
    allowed = (request.endpoint or "").startswith(UNTIL_SECOND)
    elsewhere = session.get("outside_factor", False)  # the identity provider has asked for it
    if not allowed and not elsewhere and second_factor_missing(db.session(), current_user.person):
        return redirect(url_for("own.account"))
    g.actor = actor
    return None


def needs(area: str, desk: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A page for positions that may open the area (``staff``: any); others are told so, strangers sign in first.

    ``desk``: what it changes is one's own (views, messages read) or judged item by item, so that those who only look
    may do it too.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return manager.unauthorized()
            if g.actor is None or not (area == "staff" or may(g.actor.role, area)):
                abort(403)
            if request.method not in LOOKING and not desk and not may_act(g.actor.role, area):
                abort(403)
            return view(*args, **kwargs)

        guarded.area = area  # type: ignore[attr-defined]  # the route x role test reads it
        return guarded

    return wrap


@blueprint.get("/sign-in")
def sign_in_page():
    if current_user.is_authenticated:
        return redirect(url_for("auth.home"))
    return render_template("auth/sign_in.html", username="", error=None, next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@limiter.limit("30/minute")
def sign_in_now():
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        if len(username) > 100 or len(password) > 200:
            raise wrong()
        person = sign_in(db.session(), datetime.now(UTC), username, password, here())
    except NotAllowed as error:
        page = render_template(
            "auth/sign_in.html",
            username=username[:100],
            error=_(error.message, **error.facts),
            next=request.form.get("next", ""),
        )
        return page, 403
    return after_password(person, local_path(request.form.get("next", "")))


def after_password(person: Person, onward: str = "", way: str = "password", **kept: Any):
    """In, or on to the second factor where there is one."""
    if person.totp_secret is not None:
        begin(half=str(person.id), half_at=datetime.now(UTC).timestamp(), onward=onward, kept=kept)
        return redirect(url_for("auth.second_page"), 303)
    return let_in(person, onward, way, **kept)


def let_in(person: Person, onward: str = "", way: str = "password", **kept: Any):
    """A session of its own, which its holder and the administrators can end."""
    agent = request.headers.get("User-Agent", "")
    row = open_session(db.session(), person.id, datetime.now(UTC), here(), agent, way)
    db.session.commit()
    begin(session_id=str(row.id), **kept)
    login_user(SignedIn(person, []))
    return redirect(onward or url_for("auth.home"))


def half_signed_in() -> Person | None:
    """Whose password was right a moment ago."""
    fresh = datetime.now(UTC).timestamp() - session.get("half_at", 0) < HALF_LASTS
    return db.session.get(Person, UUID(session["half"])) if fresh and "half" in session else None


@blueprint.get("/sign-in/second")
def second_page():
    if half_signed_in() is None:
        return redirect(url_for("auth.sign_in_page"))
    return render_template("auth/second.html", error=None)


@blueprint.post("/sign-in/second")
@limiter.limit("30/minute")
def second_now():
    person = half_signed_in()
    if person is None:
        return redirect(url_for("auth.sign_in_page"), 303)
    try:
        check_second_factor(db.session(), person, request.form.get("code", "")[:20], here())
    except NotAllowed as error:
        return render_template("auth/second.html", error=_(error.message, **error.facts)), 403
    return let_in(person, session.get("onward", ""), "second", **session.get("kept", {}))


@blueprint.get("/sign-in/recover")
def recover_page():
    return render_template("auth/recover.html", username="", error=None)


@blueprint.post("/sign-in/recover")
@limiter.limit("10/minute")
def recover_now():
    username, password = request.form.get("username", "")[:100], request.form.get("password", "")[:200]
    try:
        person = recover(
            db.session(),
            running().clock,
            datetime.now(UTC),
            username,
            password,
            request.form.get("code", "")[:40],
            here(),
        )
    except NotAllowed as error:
        page = render_template("auth/recover.html", username=username, error=_(error.message, **error.facts))
        return page, 403
    return let_in(person, url_for("own.account"), "recovery")


@blueprint.post("/sign-out")
def sign_out():
    if current_user.is_authenticated:
        end_one(db.session(), current_user.person.id, UUID(session["session_id"]), datetime.now(UTC))
        db.session.commit()
    oidc, id_token = running().settings.oidc, session.get("id_token")
    logout_user()
    session.clear()
    onward = way_out(oidc, id_token) if oidc and id_token else None
    return retyped.forget(redirect(onward or url_for("auth.sign_in_page")))  # type: ignore[arg-type]


@blueprint.post("/position")
def choose_position():
    """Act in another of one's positions."""
    if not current_user.is_authenticated:
        return manager.unauthorized()
    chosen = request.form.get("position", "")
    if any(str(position.id) == chosen for position in current_user.positions):
        session["position"] = chosen
    return redirect(url_for("auth.home"))


@blueprint.get("/")
def home():
    """Everyone's own first page."""
    if not current_user.is_authenticated:
        return redirect(url_for("portal.home"))
    role = g.actor.role if g.actor else ""
    for area, endpoint in (
        ("inbox", "inbox.tasks"),
        ("studio", "studio.overview"),
        ("audit", "audit.overview"),
        ("register", "register.households"),
        ("accounts", "accounts.overview"),
        ("lookups", "lookups.page"),
    ):
        if may(role, area):
            return redirect(url_for(endpoint))
    abort(403)


def local_path(target: str) -> str:
    """Only a path of this site is followed after signing in.

    Browsers drop tabs and line breaks from an address and read a backslash as a slash: such a path may lead away.
    """
    safe = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if safe and target.isprintable() else ""


def position_label(position: Position, lang: str) -> str:
    division = db.session.get(Division, position.division)
    place = (
        division.name if division else firm_names(db.session(), [position.division]).get(position.division)
    )
    title = TITLES.get(position.role, {}).get(lang, position.role)
    label = f"{place or position.division} {title}"
    principal = next((s.principal for s in current_user.seats if s.position.id == position.id), None)
    return _("%(position)s（代%(name)s）", position=label, name=principal.name) if principal else label


def init_auth(app: Flask) -> None:
    manager.init_app(app)
    manager.unauthorized_handler(retyped.unauthorized)
    app.before_request(set_actor)
    app.register_blueprint(blueprint)

    @app.context_processor
    def signed_in() -> dict[str, Any]:
        actor = g.get("actor")
        return {
            "actor": actor,
            "may": lambda area: bool(actor) and may(actor.role, area),
            "position_label": position_label,
        }
