"""Prove that vault, operational and query store agree: counts and content hashes by village, and each thing that differs.

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
from engine.domain.stores import OPERATIONAL, QUERY, VAULT, StoreRules, opened, processed, rules_of, total
from engine.queries import public_facts
from engine.store import exchange, open_parcels, outbox, survey, vault
from engine.store.register import county_of
from engine.store.vault import Kept
from engine.usecases.stores.follow import joined, same_survey
from engine.usecases.stores.sides import by_village, other, session_of
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


@dataclass
class Reconciled:
    county: str
    at: datetime
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)  # store -> parcels, villages, hash
    villages: dict[str, dict[str, list[Any]]] = field(
        default_factory=dict
    )  # village -> store -> [parcels, hash]
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
            whole = total({village: bytes.fromhex(digest) for village, (_, digest) in found.items()})
            run.stores[store] = {
                "parcels": sum(n for n, _ in found.values()),
                "villages": len(found),
                "hash": whole,
            }
    return run


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
            _operational(session, run, village)
            if by_network:
                with app.vault_sessions() as masters:
                    _vault(session, masters, run, village, rules)
            if public:
                with app.query_sessions() as query:
                    _query(session, query, run, village, rules)


def _operational(session: Session, run: Reconciled, village: str) -> None:
    found = survey.of_village(session, run.county, village)
    if found:
        _say(run, village, OPERATIONAL, {code: one.master.content for code, one in found.items()})


def _vault(session: Session, masters: Session, run: Reconciled, village: str, rules: StoreRules) -> None:
    """The register must hold what the vault's master gives, exact or processed; every master what it was written as."""
    found = survey.of_village(session, run.county, village)
    kept = vault.of_village(masters, run.county, "DK", village)
    standing = {code: one for code, one in kept.items() if not one.gone}
    if standing:
        _say(run, village, VAULT, {c: _as_held(one, found.get(c), rules) for c, one in standing.items()})
    run.found(*(
        Difference(VAULT, village, code, "altered") for code, one in kept.items() if one.master.content != one.content
    ))  # fmt: skip
    run.found(*(
        Difference(VAULT, village, code, problem)
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
        _say(run, village, QUERY, {code: one.content for code, one in there.items()})
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
        own = {
            village: [len(masters), total({code: master.content for code, master in masters.items()})]
            for village, masters in by_village(session, side, run.county, rules)
            if masters
        }
        state = exchange.last_state(session, side, run.county)
    for village, row in own.items():
        run.villages.setdefault(village, {})[side] = list(row)
    if state is None:
        run.left_out.append(other(side))
        return
    for village, row in state.items():
        run.villages.setdefault(village, {})[other(side)] = list(row)
    run.found(*(
        Difference(other(side), village, "", problem)
        for village, problem in _compare(own, state, lambda a, b: list(a) == list(b))
    ))  # fmt: skip


def _say(run: Reconciled, village: str, store: str, contents: Mapping[str, bytes]) -> None:
    run.villages.setdefault(village, {})[store] = [len(contents), total(contents)]
