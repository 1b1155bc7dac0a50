"""`tianqi seal ...`: the keys that the counties' contracts are sealed with."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from engine.commands.audit import asked_counties
from engine.commands.environment import application
from engine.store.register import county_of
from engine.store.seals import SealKey
from engine.usecases.seals import OFFICE, own_seal, seal_keys


@click.group("seal", help="电子签章的密钥和证书 / Keys and certificates of the electronic seals.")
def group() -> None:
    pass


@group.command(
    "show", help="查看证书，没有密钥的先生成 / Show the certificates; a key that is missing is made."
)
@click.option("--county", default=None)
@click.option("--json", "as_json", is_flag=True)
def show(county: str | None, as_json: bool) -> None:
    with application() as running:
        told = []
        for code in asked_counties(running, county):
            with running.sessions(code) as session:
                told.append(facts(code, own_seal(session, running.settings, code)))
    tell(told, as_json)


@group.command("renew", help="换发密钥，旧证书留作验证 / A new key; the old certificate stays for verifying.")
@click.option("--county", required=True)
@click.option("--json", "as_json", is_flag=True)
def renew(county: str, as_json: bool) -> None:
    with application() as running, running.sessions(county) as session:
        name = county_of(session, county).name + OFFICE
        key = seal_keys(running.settings).renew(county, name, datetime.now(UTC))
    tell([facts(county, key)], as_json)


def facts(county: str, key: SealKey) -> dict[str, Any]:
    details = key.details
    return {
        "county": county,
        "subject": details.subject.rfc4514_string(),
        "fingerprint": key.fingerprint,
        "valid_until": details.not_valid_after_utc.date().isoformat(),
        "certificate": key.certificate.decode(),
    }


def tell(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['county']}  {row['subject']}\n  SHA-256 {row['fingerprint']}  至 until {row['valid_until']}"
        )
