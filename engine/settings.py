"""What an installation is told from outside: by environment variables, all of them in deploy/env.example."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.outgoing import checked

EXCHANGE = ("", "vault", "operational")


@dataclass(frozen=True)
class Oidc:
    """The one identity provider that staff may also sign in with (OpenID Connect).

    ``claim`` tells accounts apart. ``acr``: any of these is a second factor; ``amr``: all of these are needed.
    Without both, the own second factor is asked for. ``create_in``: the county in which an unknown person gets an
    account without positions; empty: none is made.
    """

    issuer: str
    client_id: str
    client_secret: str
    claim: str = "sub"
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    create_in: str = ""
    name: str = ""


@dataclass(frozen=True)
class Settings:
    """``demo`` allows the moved clock and shows messages on a page; never set it in production."""

    database_url: str
    portal_database_url: str
    owner_database_url: str | None
    redis_url: str | None
    secret_key: bytes
    var: Path
    public_url: str
    demo: bool
    processes: Path
    row_security: bool = True
    access_template: Path | None = None  # the county's empty Access file, for exports with .mdb
    vault_database_url: str | None = None  # None: no network joins the vault, or there is none
    query_database_url: str | None = None  # None: nothing is opened to the public
    sms_url: str | None = None  # the gateway of short messages; None: they are kept and go nowhere
    sms_token: str | None = None
    smtp_url: str | None = None  # smtp://user:password@host:port?from=address; None: e-mails are kept
    seals: Path | None = None  # where the counties' seal keys lie; None: among the secrets under var
    seal_url: str | None = None  # an outside seal service instead of keys of our own
    seal_token: str = ""
    tsa_url: str | None = None  # a time-stamping authority outside (RFC 3161) instead of the county's own
    tsa_token: str = ""
    tsa_roots: Path | None = None  # PEM of the certificates that its stamps end in
    identity_url: str | None = (
        None  # an outside identity provider (face recognition), asked beside the default
    )
    identity_token: str = ""
    exchange: str = (
        ""  # vault, operational: which side of signed files this is; empty: a network joins the stores
    )

    session_idle_minutes: int = 60  # of staff: without a request
    session_hours: int = 12  # of staff: in all
    oidc: Oidc | None = None
    proxies: int = 0  # how many of our own stand before the server and add to X-Forwarded-For
    registry_folder: Path | None = None  # where hand-overs to the registry are laid; None: carried by hand
    feed_url: str | None = (
        None  # the upper platform's interface; without one its messages are laid in a folder
    )
    feed_folder: Path | None = None  # of the front-end machine; None: carried by hand
    feed_key: str = ""  # 接入码 FSF, by which the platform knows this county's system

    @property
    def files(self) -> Path:
        return self.var / "files"

    @property
    def seal_keys(self) -> Path:
        return self.seals or self.var / "secrets"

    @property
    def incoming(self) -> Path:
        """Where somebody with access to the machine lays packages that are too large to upload: a folder for each county."""
        return self.var / "incoming"


ROOT = Path(__file__).resolve().parents[1]


def default_var(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("TIANQI_VAR") or ROOT / "var")


def processes_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the case types lie that were shipped, or that the installation keeps for itself."""
    return Path(environ.get("TIANQI_PROCESSES") or ROOT / "processes")


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """KeyError names the setting that is missing, ValueError the one that cannot be."""
    exchange, demo = environ.get("TIANQI_EXCHANGE", ""), environ.get("TIANQI_DEMO", "") == "1"
    if exchange not in EXCHANGE:
        raise ValueError(f"TIANQI_EXCHANGE: {exchange!r}, not one of {EXCHANGE}")
    handed, fed = environ.get("TIANQI_REGISTRY_FOLDER", ""), environ.get("TIANQI_FEED_FOLDER", "")
    return Settings(
        database_url=environ["DATABASE_URL"],
        portal_database_url=environ["PORTAL_DATABASE_URL"],
        owner_database_url=environ.get("OWNER_DATABASE_URL"),
        redis_url=environ.get("REDIS_URL"),
        secret_key=bytes.fromhex(environ["TIANQI_SECRET_KEY"]),
        var=default_var(environ),
        public_url=environ.get("TIANQI_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        demo=demo,
        processes=processes_folder(environ),
        access_template=Path(template) if (template := environ.get("TIANQI_ACCESS_TEMPLATE")) else None,
        vault_database_url=environ.get("VAULT_DATABASE_URL") or None,
        query_database_url=environ.get("QUERY_DATABASE_URL") or None,
        sms_url=environ.get("TIANQI_SMS_URL") or None,
        sms_token=environ.get("TIANQI_SMS_TOKEN") or None,
        smtp_url=environ.get("TIANQI_SMTP_URL") or None,
        exchange=exchange,
        session_idle_minutes=_whole("TIANQI_SESSION_IDLE_MINUTES", environ, 480 if demo else 60),
        session_hours=_whole("TIANQI_SESSION_HOURS", environ, 12),
        oidc=_oidc(environ),
        proxies=_whole("TIANQI_PROXIES", environ, 0, least=0),
        seals=Path(folder) if (folder := environ.get("TIANQI_SEALS")) else None,
        seal_url=checked("TIANQI_SEAL_URL", environ.get("TIANQI_SEAL_URL")),
        seal_token=environ.get("TIANQI_SEAL_TOKEN", ""),
        tsa_url=checked(
            "TIANQI_TSA_URL", environ.get("TIANQI_TSA_URL"), clear=not environ.get("TIANQI_TSA_TOKEN")
        ),
        tsa_token=environ.get("TIANQI_TSA_TOKEN", ""),
        tsa_roots=Path(roots) if (roots := environ.get("TIANQI_TSA_ROOTS")) else None,
        identity_url=checked("TIANQI_IDENTITY_URL", environ.get("TIANQI_IDENTITY_URL")),
        identity_token=environ.get("TIANQI_IDENTITY_TOKEN", ""),
        registry_folder=None if handed == "-" else Path(handed or default_var(environ) / "registry"),
        feed_url=checked("TIANQI_FEED_URL", environ.get("TIANQI_FEED_URL")),
        feed_folder=None if fed == "-" else Path(fed or default_var(environ) / "feed"),
        feed_key=environ.get("TIANQI_FEED_KEY", ""),
    )


def _oidc(environ: Mapping[str, str]) -> Oidc | None:
    issuer = environ.get("OIDC_ISSUER", "")
    if not issuer:
        return None
    if not issuer.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError(f"OIDC_ISSUER: {issuer!r} is not https")
    return Oidc(
        issuer=issuer,
        client_id=environ["OIDC_CLIENT_ID"],
        client_secret=environ["OIDC_CLIENT_SECRET"],
        claim=environ.get("OIDC_CLAIM") or "sub",
        acr=tuple(environ.get("OIDC_ACR", "").split()),
        amr=tuple(environ.get("OIDC_AMR", "").split()),
        create_in=environ.get("OIDC_CREATE_IN", ""),
        name=environ.get("OIDC_NAME", ""),
    )


def _whole(name: str, environ: Mapping[str, str], otherwise: int, least: int = 1) -> int:
    given = environ.get(name) or str(otherwise)
    if not given.isdecimal() or not least <= int(given) <= 10_000:
        raise ValueError(f"{name}: {given!r} is no whole number from {least} to 10000")
    return int(given)
