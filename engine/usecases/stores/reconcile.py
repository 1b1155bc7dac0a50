"""Prove that vault, operational and query store agree: counts and content hashes by village, and each thing that differs.

Parcels are in all three; boundary points and lines and control points in vault and operational store.

What should be in a store is computed from the one that it follows and compared with what is there, so an altered row
is found as well as a missing one. Where no network joins vault and register, the other side is what its last signed
file said of its villages. Work that still waits in the outbox is told beside the differences: it explains them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.stores import (
    BOUNDARIES,
    LAYERS,
    OPERATIONAL,
    PARCELS,
    QUERY,
    VAULT,
    StoreRules,
    opened,
    processed,
    rules_of,
    total,
)
from engine.queries import public_facts
from engine.store import exchange, open_parcels, outbox, survey, vault
from engine.store.register import county_of
from engine.store.vault import Kept
from engine.usecases.stores.follow import joined, same_survey
from engine.usecases.stores.sides import by_village, other, session_of, surveyed
from engine.usecases.wiring import Wiring

Tell = Callable[[int, int | None, str], None]
MOST = 1000  # differences that are named one by one; all are counted


@dataclass(frozen=True)
class Difference:
    """``problem``: missing (not in the store), surplus (only there), differs, altered (it is not what it was written as)."""

    store: str
    village: str
    code: str  # empty where a whole village is compared by its hash
    problem: str
    layer: str = PARCELS


@dataclass
class Reconciled:
    county: str
    at: datetime
    stores: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # store -> parcels, villages, hash, layers
    villages: dict[str, dict[str, list[Any]]] = field(
        default_factory=dict
    )  # village -> store -> [parcels, hash]
    boundaries: dict[str, dict[str, dict[str, list[Any]]]] = field(
        default_factory=dict
    )  # layer -> village (county, of control points) -> store -> [how many, hash]
    differences: list[Difference] = field(default_factory=list)
    differing: int = 0
    waiting: int = 0  # outbox rows that will bring a store nearer
    left_out: list[str] = field(default_factory=list)  # stores that this installation does not reach

    @property
    def agrees(self) -> bool:
        return self.differing == 0

    def found(self, *these: Difference) -> None:
        self.differing += len(these)
        self.differences += these[: max(0, MOST - len(self.differences))]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat(), "agrees": self.agrees}


def reconcile(app: Wiring, county: str, tell: Tell = lambda *_: None) -> Reconciled:
    """Changes nothing. Reads the stores one after the other, village by village, under no lock."""
    run = Reconciled(county, app.clock.now())
    with app.sessions(county) as session:
        run.waiting = outbox.count_waiting(
            session, county, (survey.FOLLOW_VAULT, survey.FOLLOW_QUERY), survey.FOLLOW_STORES
        )
        rules = rules_of(county_of(session, county).settings)
    if app.settings.exchange == VAULT:  # its own register is only what was last imported there
        run.left_out.append(QUERY)
    else:
        _register(app, run, rules, tell)
    _by_files(app, run, rules)
    for store in (VAULT, OPERATIONAL, QUERY):
        found = {village: row[store] for village, row in run.villages.items() if store in row}
        if found or store not in run.left_out:
            parcels, digest = _summed(run.villages, store)
            layers = {layer: _summed(parts, store) for layer, parts in run.boundaries.items()}
            run.stores[store] = {
                "parcels": parcels, "villages": len(found), "hash": digest,
                "layers": {} if store == QUERY else layers,
            }  # fmt: skip
    return run


def _summed(parts: Mapping[str, Mapping[str, list[Any]]], store: str) -> list[Any]:
    """[how many, hash] of all villages together."""
    found = {village: row[store] for village, row in parts.items() if store in row}
    whole = total({village: bytes.fromhex(digest) for village, (_, digest) in found.items()})
    return [sum(number for number, _ in found.values()), whole]


def _register(app: Wiring, run: Reconciled, rules: StoreRules, tell: Tell) -> None:
    """The register against the vault and the query store, where they are reached."""
    by_network = joined(app)
    public = bool(app.settings.query_database_url)
    with app.sessions(run.county) as session:
        parts = survey.villages(session, run.county)
    if by_network:
        with app.vault_sessions() as masters:
            parts |= vault.villages(masters, run.county)
    if public:
        with app.query_sessions() as query:
            parts |= open_parcels.villages(query, run.county)
    else:
        run.left_out.append(QUERY)
    for done, village in enumerate(sorted(parts)):
        tell(done, len(parts), "reconcile")
        with app.sessions(run.county) as session:
            found = survey.of_village(session, run.county, village)
            if by_network:
                with app.vault_sessions() as masters:
                    kept = vault.of_village(masters, run.county, PARCELS, village)
                _vault(run, PARCELS, village, found, kept, rules)
            else:
                _operational(run, PARCELS, village, found)
            if public:
                with app.query_sessions() as query:
                    _query(session, query, run, village, rules)
    if by_network:
        for layer in BOUNDARIES:
            _boundaries(app, run, layer, rules, tell)


def _boundaries(app: Wiring, run: Reconciled, layer: str, rules: StoreRules, tell: Tell) -> None:
    """Points, lines or control points of the register against the vault's."""
    with app.sessions(run.county) as session, app.vault_sessions() as masters:
        rest = vault.villages(masters, run.county, layer)
        whole = len(rest)
        for done, (village, found) in enumerate(surveyed(session, run.county, layer)):
            tell(done, max(done, whole), "reconcile_layers")
            rest.discard(village)
            kept = vault.of_village(masters, run.county, layer, village)
            _vault(run, layer, village, found, kept, rules)
        for village in sorted(rest):
            kept = vault.of_village(masters, run.county, layer, village)
            _vault(run, layer, village, {}, kept, rules)


def _operational(run: Reconciled, layer: str, village: str, found: Mapping[str, survey.Surveyed]) -> None:
    if found:
        _say(run, layer, village, OPERATIONAL, {code: one.master.content for code, one in found.items()})


def _vault(
    run: Reconciled,
    layer: str,
    village: str,
    found: Mapping[str, survey.Surveyed],
    kept: Mapping[str, Kept],
    rules: StoreRules,
) -> None:
    """The register must hold what the vault's master gives, exact or processed; every master what it was written as."""
    _operational(run, layer, village, found)
    standing = {code: one for code, one in kept.items() if not one.gone}
    if standing:
        held = {code: _as_held(one, found.get(code), rules) for code, one in standing.items()}
        _say(run, layer, village, VAULT, held)
    run.found(*(
        Difference(VAULT, village, code, "altered", layer)
        for code, one in kept.items() if one.master.content != one.content
    ))  # fmt: skip
    run.found(*(
        Difference(VAULT, village, code, problem, layer)
        for code, problem in _compare(found, standing, lambda a, b: same_survey(a.master, b, rules))
    ))  # fmt: skip


def _as_held(kept: Kept, found: survey.Surveyed | None, rules: StoreRules) -> bytes:
    """The hash of the master in the form that the register has it in, so that both sides' sums are comparable."""
    if found is not None and found.master.content == kept.master.content:
        return kept.master.content
    return processed(kept.master, rules).content


def _query(session: Session, query: Session, run: Reconciled, village: str, rules: StoreRules) -> None:
    facts = public_facts.of_village(session, run.county, village, local_date(run.at))
    wanted = {code: opened(one, rules) for code, one in facts.items()}
    there = open_parcels.of_village(query, run.county, village)
    if there:
        _say(run, PARCELS, village, QUERY, {code: one.content for code, one in there.items()})
    run.found(*(
        Difference(QUERY, village, code, problem)
        for code, problem in _compare(wanted, there, lambda a, b: a == b)
    ))  # fmt: skip


def _compare(
    wanted: Mapping[str, Any], there: Mapping[str, Any], same: Callable[[Any, Any], bool]
) -> Iterable[tuple[str, str]]:
    for code in sorted(wanted.keys() | there.keys()):
        if code not in there:
            yield code, "missing"
        elif code not in wanted:
            yield code, "surplus"
        elif not same(wanted[code], there[code]):
            yield code, "differs"


def _by_files(app: Wiring, run: Reconciled, rules: StoreRules) -> None:
    """Where files join vault and register: this side's villages against what the other's last file said of them."""
    side = app.settings.exchange
    if not side:
        if not app.settings.vault_database_url:
            run.left_out.append(VAULT)
        return
    with session_of(app, side, run.county) as session:
        state = exchange.last_state(session, side, run.county)
        for layer in LAYERS:
            own: dict[str, list[Any]] = {}
            for village, masters in by_village(session, side, run.county, layer, rules):
                if masters:
                    _say(run, layer, village, side, {code: one.content for code, one in masters.items()})
                    own[village] = _told(run, layer)[village][side]
            said = None if state is None else state.get(layer)
            if said is None:  # no file yet, or the last one was of the form that had parcels alone
                continue
            for village, row in said.items():
                _told(run, layer).setdefault(village, {})[other(side)] = list(row)
            run.found(*(
                Difference(other(side), village, "", problem, layer)
                for village, problem in _compare(own, said, lambda a, b: list(a) == list(b))
            ))  # fmt: skip
    if state is None:
        run.left_out.append(other(side))


def _told(run: Reconciled, layer: str) -> dict[str, dict[str, list[Any]]]:
    return run.villages if layer == PARCELS else run.boundaries.setdefault(layer, {})


def _say(run: Reconciled, layer: str, village: str, store: str, contents: Mapping[str, bytes]) -> None:
    _told(run, layer).setdefault(village, {})[store] = [len(contents), total(contents)]
