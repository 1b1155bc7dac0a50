"""Where commands find their services: as the environment says, else the embedded ones under var/."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.settings import ROOT, default_var
from engine.store.secrets import own_secret

EXTERNAL = ("DATABASE_URL", "PORTAL_DATABASE_URL")


def complete_environment(found: dict[str, str], demo: bool = False) -> None:
    """Fill in what is not set: the services' addresses, this installation's secret, the demonstration mark."""
    for name, value in found.items():
        os.environ.setdefault(name, value)
    if "TIANQI_SECRET_KEY" not in os.environ:
        os.environ["TIANQI_SECRET_KEY"] = own_secret(default_var(os.environ), "installation.key").hex()
    if demo:
        os.environ["TIANQI_DEMO"] = "1"


@contextmanager
def services(demo: bool = False) -> Iterator[None]:
    """For the block: everything that ``bootstrap.app()`` needs is in the environment and runs."""
    given = [name for name in EXTERNAL if name in os.environ]
    if given and len(given) < len(EXTERNAL):
        missing = "、".join(name for name in EXTERNAL if name not in given)
        raise click.ClickException(f"已设置 {given[0]}，还缺 {missing} / {missing} is not set")
    if given:
        complete_environment({}, demo)
        yield
        return
    try:
        with embedded.session() as found:
            complete_environment(found.settings(), demo)
            yield
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def application(demo: bool = False) -> Iterator[App]:
    """The wired application over running, migrated services."""
    with services(demo):
        migrate()
        yield bootstrap.app()


def migrate(url: str | None = None) -> None:
    """Bring the database to this version's schema, as the owner; one that has it already is left alone.

    ``url``: as the owner; else OWNER_DATABASE_URL, and nothing is done where that is not set either.
    """
    url = url or os.environ.get("OWNER_DATABASE_URL")
    if url is None:
        return
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    newest = ScriptDirectory.from_config(config).get_current_head()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        there = connection.scalar(text("select to_regclass('reference.alembic_version')"))
        current = there and connection.scalar(text("select version_num from reference.alembic_version"))
    if current != newest:
        command.upgrade(config, "head")
