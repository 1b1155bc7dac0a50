"""The two sides of signed files: which store this installation speaks for, and that store as masters by code."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from engine.domain.errors import Refused
from engine.domain.said import say
from engine.domain.stores import OPERATIONAL, PARCELS, VAULT, Master, StoreRules, processed
from engine.store import survey, survey_layers, vault
from engine.store.signing import trusted_key
from engine.usecases.wiring import Wiring

WORDS = {VAULT: say("保密库"), OPERATIONAL: say("运行库")}


def own_side(app: Wiring) -> str:
    """Refused where a network joins the stores: there is nothing to carry."""
    if not app.settings.exchange:
        raise Refused("joined", "保密库和运行库由网络连通，不用交换文件（TIANQI_EXCHANGE 没有设置）")
    return app.settings.exchange


def other(side: str) -> str:
    return OPERATIONAL if side == VAULT else VAULT


def others_key(app: Wiring, side: str) -> Ed25519PublicKey:
    """The key that the other side's files must be signed with."""
    try:
        return trusted_key(app.settings.var, other(side))
    except FileNotFoundError:
        raise Refused(
            "no_trust", "还没有登记%(side)s的公钥，请先运行 tianqi stores trust", side=WORDS[other(side)]
        ) from None


@contextmanager
def session_of(app: Wiring, side: str, county: str) -> Iterator[Session]:
    with app.vault_sessions() if side == VAULT else app.sessions(county) as session:
        yield session


def by_village(
    session: Session, side: str, county: str, layer: str, rules: StoreRules
) -> Iterator[tuple[str, dict[str, Master]]]:
    """(village, its things of the layer by code as the operational store may have them), of all that stand, in order."""
    if side == OPERATIONAL:
        for village, found in surveyed(session, county, layer):
            yield village, {code: one.master for code, one in found.items()}
        return
    for village in sorted(vault.villages(session, county, layer)):
        kept = vault.of_village(session, county, layer, village)
        yield village, {c: processed(one.master, rules) for c, one in kept.items() if not one.gone}


def surveyed(session: Session, county: str, layer: str) -> Iterator[tuple[str, dict[str, survey.Surveyed]]]:
    """(village, its things of the layer by code as the register has them), in order."""
    if layer != PARCELS:
        yield from survey_layers.by_village(session, county, layer)
        return
    for village in sorted(survey.villages(session, county)):
        yield village, survey.of_village(session, county, village)
