"""What every page of the register shows beside the thing itself: cases, papers, blocks, history, the way to the others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.roles import may
from engine.queries.map import zone
from engine.queries.scoped import places
from engine.queries.things.around import blocks, cases_about, open_cases, papers_of
from engine.queries.things.deals import deals
from engine.queries.things.kinds import Found, Named
from engine.queries.things.sheets import EntryOf
from engine.store.tables.cases import Case
from engine.store.tables.reference import County
from engine.store.tables.register import Contract, ContractedParcel
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of
from web.db import office_session, running
from web.inbox.cases import shown
from web.inbox.words import case_title
from web.register import words
from web.register.asked import Asking
from web.register.words import Words


@dataclass(frozen=True)
class Step:
    """One link of 户地簿证. ``note``: how many more there are, or what it is; without ``href`` there is none."""

    label: str
    text: str
    href: str | None = None
    current: bool = False


@dataclass(frozen=True)
class Land:
    """Whose transfers a page shows: a household's with its parcels, or of parcels; and rows of contracts about them."""

    household: str | None
    parcels: Collection[str]
    rows: Collection[ContractedParcel]


def decimals(session: Session, county: str) -> int:
    known = session.get(County, county)
    return int(known.settings.get("mu_decimals", 2)) if known else 2


def address(kind: str, key: str | int, asked: Asking | None = None, **more: Any) -> str:
    """Of a thing's page; a past that is looked at goes along."""
    endpoint, name = {
        "party": ("register.party", "party"), "contractor": ("register.household", "code"),
        "parcel": ("register.parcel", "parcel"), "contract": ("register.contract", "contract"),
        "entry": ("register.entry", "entry"),
    }[kind]  # fmt: skip
    values: dict[str, Any] = {name: key, **(asked.kept if asked else {}), **more}
    return url_for(endpoint, **values)


def chain(
    asked: Asking,
    current: str,
    party: Named | None = None,
    household: Named | None = None,
    parcels: Sequence[str] = (),
    contracts: Sequence[Contract] = (),
    entries: Sequence[EntryOf] = (),
    cases: Sequence[Case] = (),
    held: int = 0,
) -> list[Step]:
    """发包方, 承包方, 地块, 合同, 登记簿, 权证, 流转和限制, 办件, 资料: each one click away, wherever one stands.

    ``held``: how many transfers and blocks the page lists.
    """
    home = address("contractor", household.code, asked) if household else None
    contract = contracts[0] if contracts else None
    entry = entries[0] if entries else None
    certificate = entry.certificates[0] if entry and entry.certificates else None
    return [
        Step(_("发包方"), party.name if party else "—", address("party", party.code, asked) if party else None, current == "party"),
        Step(_("承包方"), household.name if household else "—", home, current == "contractor"),
        Step(
            _("地块"),
            parcels[0] if len(parcels) == 1 else _("%(n)s块", n=len(parcels)) if parcels else "—",
            address("parcel", parcels[0], asked) if len(parcels) == 1 else f"{home}#parcels" if home and parcels else None,
            current == "parcel",
        ),
        Step(_("承包合同"), contract.code if contract else "—", address("contract", contract.id, asked) if contract else None, current == "contract"),
        Step(_("登记簿"), entry.entry.code if entry else "—", address("entry", entry.entry.id, asked) if entry else None, current == "entry"),
        Step(
            _("权证"),
            (certificate.version.serial or certificate.certificate.code) if certificate else "—",
            address("entry", entry.entry.id, asked, _anchor=f"certificate-{certificate.certificate.id}") if entry and certificate else None,
        ),
        Step(_("流转和限制"), _("%(n)s项", n=held) if held else "—", "#blocks" if held else None),
        Step(_("办件"), _("%(n)s件", n=len(cases)) if cases else "—", "#cases" if cases else None),
        Step(_("资料"), _("查看"), "#papers"),
    ]  # fmt: skip


def noted(found: Found, action: str = "open", purpose: str | None = None) -> None:
    """The reading is recorded with the thing and, of a past, with nothing more: the person saw it."""
    session, app = office_session(), running()
    note_read(
        session, app.clock, g.actor, action, f"{found.kind}:{found.code}", found.identity.division, purpose
    )


def page(
    template: str,
    found: Found,
    asked: Asking,
    said: Words,
    about: Collection[str],
    land: Land | None = None,
    **facts: Any,
) -> Any:
    """The page with what is around the codes that it is ``about``; transfers of its ``land``, if it has some."""
    session, actor = office_session(), g.actor
    cases = cases_about(session, actor, about)
    held_back = blocks(session, actor, about, asked.when)
    if land is not None:
        facts["deals"] = deals(
            session, actor, asked.when, household=land.household, parcels=land.parcels, rows=land.rows,
            refs={one.block.ref for one in held_back},
        )  # fmt: skip
    html = render_template(
        template,
        found=found,
        version=found.version,
        asked=asked,
        said=said,
        words=words,
        address=address,
        about=about,
        place=places(session, {found.identity.division})[found.identity.division],
        blocks=held_back,
        cases=cases,
        papers=case_papers(session, actor, cases),
        open_cases=open_cases(session, actor, about),
        case_title=case_title,
        zone=zone(session, found.identity.county),
        here=request.path,
        **facts,
    )
    session.commit()
    return html, asked.status


def case_papers(
    session: Session, actor: Actor, cases: Sequence[Case]
) -> list[tuple[Case, list[dict[str, Any]]]]:
    """Papers by case, as lists show them; for who may open cases."""
    if not may(actor.role, "cases"):
        return []
    found = papers_of(session, actor, cases)
    return [
        (case, [shown(paper, "", procedure_of(session, case)) for paper in found[case.id]])
        for case in cases
        if found[case.id]
    ]
