"""Bring vault and query store to where the register stands: for some parcels, or village by village for the county.

Each compares contents and writes what differs, so that doing it again changes nothing, and a crash between two stores
is mended by the next time. Whoever writes into a store waits for the one before, and reads the register after that.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.stores import (
    BOUNDARIES,
    OF_PARCELS,
    VAULT,
    Master,
    StoreRules,
    opened,
    processed,
    rules_of,
)
from engine.failpoints import reach
from engine.queries import public_facts
from engine.queries.map import zone
from engine.store import open_parcels, survey, survey_layers, vault
from engine.store.register import county_of
from engine.usecases.wiring import Wiring

Tell = Callable[[int, int | None, str], None]


def follow_stores(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Long work: the whole county; ``batch`` names the import that asks for it, if one does.

    At the vault's own machine the register is only what was last imported there: it is followed after an import, and
    never afterwards, when signed files may have brought newer outlines.
    """
    result: dict[str, Any] = {}
    batch = asked.get("batch")
    if joined(app) or (app.settings.exchange == VAULT and batch is not None):
        result["masters"] = _follow_villages(app, county, tell)
        result["layers"] = sum(_follow_layer(app, county, layer, tell) for layer in BOUNDARIES)
    if app.settings.query_database_url:
        result["open"] = follow_query(app, county, tell=tell)
    return result


def joined(app: Wiring) -> bool:
    """Whether a network joins the vault; else signed files carry masters, and nothing follows by itself."""
    return bool(app.settings.vault_database_url) and not app.settings.exchange


def follow_vault(app: Wiring, county: str, codes: Collection[str]) -> int:
    """Parcels as surveyed into the vault, with the points and lines of their villages; then the register's are processed
    as the county sets. Gives how many parcels were new."""
    if not joined(app):
        return 0
    added = _vault_part(app, county, codes=codes)
    with app.sessions(county) as session:
        villages = survey_layers.villages_of(session, county, codes)
    for layer in OF_PARCELS:
        _follow_layer(app, county, layer, lambda *_: None, villages)
    return added


def _follow_villages(app: Wiring, county: str, tell: Tell) -> int:
    with app.sessions(county) as session:
        parts = survey.villages(session, county)
    with app.vault_sessions() as masters:
        parts |= vault.villages(masters, county)
    added = 0
    for done, village in enumerate(sorted(parts)):
        tell(done, len(parts), "vault")
        added += _vault_part(app, county, village=village)
    return added


def _vault_part(
    app: Wiring,
    county: str,
    village: str = "",
    codes: Collection[str] | None = None,
) -> int:
    with app.vault_sessions() as masters, app.sessions(county) as session:
        vault.one_writer(masters, county)
        settings = county_of(session, county)
        rules = rules_of(settings.settings)
        if codes is None:
            found = survey.of_village(session, county, village)
            kept = vault.of_village(masters, county, "DK", village)
        else:
            found = survey.of_codes(session, county, codes)
            kept = vault.of_codes(masters, county, "DK", codes)
        fresh = [one for code, one in found.items() if not same_survey(one.master, kept.get(code), rules)]
        gone = [code for code, one in kept.items() if not one.gone and code not in found]
        at = app.clock.now()
        by_cause: dict[tuple[str, str], list[tuple[Master, int]]] = {}
        for one in fresh:
            last = kept[one.master.code].version if one.master.code in kept else 0
            by_cause.setdefault((one.cause, one.cause_ref), []).append((one.master, last))
        for cause, these in by_cause.items():
            vault.add(masters, these, county, cause, at)
        ended = [(Master("DK", code, {}, None), kept[code].version) for code in gone]
        vault.add(masters, ended, county, ("register", ""), at)
        masters.commit()
        reach("vault_followed")
        standing = {one.master.code: one.master for one in fresh}
        changes = []
        for code, one in found.items():
            exact = standing.get(code) or kept[code].master
            if one.master.content == exact.content and processed(exact, rules) != exact:
                changes.append((one, processed(one.master, rules)))
        survey.process(session, county, changes, settings.srid)
        session.commit()
    return len(fresh) + len(gone)


def same_survey(now: Master, kept: vault.Kept | None, rules: StoreRules) -> bool:
    """Whether the register holds what the vault has: exact, or processed."""
    if kept is None or kept.gone:
        return False
    return now.content in (kept.master.content, processed(kept.master, rules).content)


def _follow_layer(
    app: Wiring, county: str, layer: str, tell: Tell, villages: Collection[str] | None = None
) -> int:
    """Points or lines (of these villages, or of all) as the register has them: new and changed ones are added, those that it no longer has are gone.

    Then the register's are processed as its parcels are, so that a rounded outline is not told by its corners.
    """
    with app.vault_sessions() as masters:
        vault.one_writer(masters, county)
        rest = vault.villages(masters, county, layer) if villages is None else set(villages)
        added = 0
        with app.sessions(county) as session:
            settings = county_of(session, county)
            rules = rules_of(settings.settings)
            for village, found in survey_layers.by_village(session, county, layer, villages):
                tell(added, None, "layers")
                rest.discard(village)
                kept = vault.of_village(masters, county, layer, village)
                added += vault.add(
                    masters, _news(layer, found, kept, rules), county, ("register", ""), app.clock.now()
                )
        for village in rest:
            kept = vault.of_village(masters, county, layer, village)
            added += vault.add(
                masters, _news(layer, {}, kept, rules), county, ("register", ""), app.clock.now()
            )
        masters.commit()
    if rules.decimals is not None:
        _process_layer(app, county, layer, rules, settings.srid, villages)
    return added


def _news(
    layer: str, found: dict[str, survey.Surveyed], kept: dict[str, vault.Kept], rules: StoreRules
) -> list[tuple[Master, int]]:
    """What the vault does not have yet, each with the number of its last version there."""
    fresh = [
        (one.master, kept[code].version if code in kept else 0)
        for code, one in found.items()
        if not same_survey(one.master, kept.get(code), rules)
    ]
    gone = [code for code, one in kept.items() if not one.gone and code not in found]
    return fresh + [(Master(layer, code, {}, None), kept[code].version) for code in gone]


def _process_layer(
    app: Wiring, county: str, layer: str, rules: StoreRules, srid: int, villages: Collection[str] | None
) -> None:
    with app.sessions(county) as reading, app.sessions(county) as writing:
        for _, found in survey_layers.by_village(reading, county, layer, villages):
            wanted = ((one.version_id, one.master, processed(one.master, rules)) for one in found.values())
            changes = [(version, made) for version, master, made in wanted if made != master]
            survey_layers.process(writing, county, layer, changes, srid)
        writing.commit()


def follow_query(
    app: Wiring, county: str, codes: Collection[str] | None = None, tell: Tell = lambda *_: None
) -> int:
    """What anyone may see of these parcels, or of the county's; gives how many changed."""
    if not app.settings.query_database_url:
        return 0
    if codes is not None:
        return _query_part(app, county, codes=codes)
    with app.sessions(county) as session, app.query_sessions() as query:
        open_parcels.one_writer(query, county)
        _put_county(app, session, query, county)
        parts = survey.villages(session, county) | open_parcels.villages(query, county)
        query.commit()
    changed = 0
    for done, village in enumerate(sorted(parts)):
        tell(done, len(parts), "query")
        changed += _query_part(app, county, village=village)
    return changed


def _query_part(app: Wiring, county: str, village: str = "", codes: Collection[str] | None = None) -> int:
    at = app.clock.now()
    with app.query_sessions() as query, app.sessions(county) as session:
        open_parcels.one_writer(query, county)
        rules = rules_of(county_of(session, county).settings)
        today = local_date(at)
        if codes is None:
            facts = public_facts.of_village(session, county, village, today)
            there = open_parcels.of_village(query, county, village)
        else:
            facts = public_facts.of_codes(session, county, codes, today)
            there = open_parcels.of_codes(query, county, codes)
        wanted = {code: opened(found, rules) for code, found in facts.items()}
        fresh = [parcel for code, parcel in wanted.items() if there.get(code) != parcel]
        gone = [code for code in there if code not in wanted]
        open_parcels.put(query, county, fresh, at)
        open_parcels.drop(query, county, gone)
        query.commit()
    return len(fresh) + len(gone)


def _put_county(app: Wiring, session: Session, query: Session, county: str) -> None:
    found = county_of(session, county)
    facts = {
        "name": found.name,
        "srid": found.srid,
        "proj": zone(session, county).proj,
        "grid_m": rules_of(found.settings).grid_m,
    }
    open_parcels.put_county(query, county, facts, public_facts.divisions(session, county), app.clock.now())
