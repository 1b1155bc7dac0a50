"""An application being filled in: the draft, its form and what is known of the household, as pages want them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import yaml
from flask import g

import forms
from engine.domain.asked_land import beside_asked
from engine.domain.clock import local_date
from engine.domain.errors import NotFound, Refused
from engine.domain.from_yaml import read_yaml
from engine.queries import portal_pages
from engine.queries.household_deals import deal_options
from engine.queries.portal_parties import act_of, dispute_of
from engine.store.tables.portal import Applicant, PortalDraft, PublishedForm
from engine.store.tables.portal_public import PartyView
from engine.usecases.portal_uploads import keep_upload
from forms import Form, UploadRefused
from forms.kinds.filing import ids_in
from web.db import portal_session, running
from web.i18n import gettext, lang
from web.portal.pages import Page, errors_of, pages_of


@lru_cache(maxsize=64)
def compiled(version: str, name: str, source: str, lists: str) -> Form:
    """A version's form never changes, so it is read once."""
    return forms.load(read_yaml(source.encode()), read_yaml(lists.encode()))


def form_of(row: PublishedForm) -> Form:
    lists = yaml.safe_dump(row.options.get("lists", {}), allow_unicode=True)
    return compiled(row.version_id, row.name, row.source, lists)


@dataclass
class Filling:
    person: Applicant
    draft: PortalDraft
    published: PublishedForm

    @property
    def form(self) -> Form:
        return form_of(self.published)

    @property
    def pages(self) -> tuple[Page, ...]:
        return pages_of(self.form, self.draft.data)

    def context(self, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Known facts; the files are those named by the answers that are the person's own."""
        answers = data if data is not None else self.draft.data
        ids = [
            i
            for field in self.form.fields
            if field.kind == "files"
            for _, i in ids_in(answers.get(field.name))
        ]
        known = self.person.facts.get("known", {}) | {"phone": self.person.phone}
        files = portal_pages.uploads(portal_session(), self.person, ids)
        today = local_date(running().clock.now()).isoformat()
        options = deal_options(self.person.facts.get("deals", {}))
        near = beside_asked(self.person.facts.get("adjoining", ()), answers)
        facts = self.person.facts | {"known": known, "files": files, "options": options, "today": today}
        facts["adjoining"] = near
        if self.draft.act:
            facts["options"] = _dispute(self.draft).told["options"]
        if self.published.options.get("free_land") and not facts.get("parcels"):
            facts["parcels"] = facts.get("free_parcels", [])
        facts["names"] = {row["code"]: row["name"] for row in facts.get("parcels", ())}
        return facts

    def read(self, answers: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """The draft's answers checked as a whole, in the reader's language."""
        typed = self.draft.data if answers is None else answers
        return self.form.read(typed, lang=lang(), context=self.context(typed))

    def errors(self, page: Page) -> dict[str, list[str]]:
        return errors_of(page, self.read()[1])

    def open_slugs(self) -> set[str]:
        """Pages that still lack something."""
        _, errors = self.read()
        return {page.slug for page in self.pages if errors_of(page, errors)}

    def limits(self, kind: str | None) -> dict[str, Any]:
        found = self.published.options.get("papers", {}).get(kind or "")
        if found is None:
            raise NotFound("paper", "没有这种材料")
        return found

    def store(self, upload: Any, name: str, kind: str | None) -> str:
        """Keeps one posted file; used by Form.read. At most one byte more than allowed is read."""
        limits = self.limits(kind)
        body = upload.stream.read(limits["max_mb"] * 1024 * 1024 + 1)
        session, clock = portal_session(), running().clock
        try:
            kept = keep_upload(session, clock, self.person, kind or "", body, upload.filename or "", limits)
        except Refused as refused:
            facts = refused.facts
            zh = refused.message % facts if facts else refused.message
            raise UploadRefused(zh, gettext(refused.message, **facts) if lang() == "en" else None) from None
        return str(kept)


def filling(draft_id: UUID) -> Filling:
    """The signed-in person's own draft. NotFound for any other."""
    session = portal_session()
    draft = portal_pages.draft(session, g.applicant, draft_id)
    if draft is None:
        raise NotFound("draft", "没有找到这份申请")
    return filling_of(draft, version_of(draft))


def filling_of(draft: PortalDraft, version: str) -> Filling:
    published = portal_pages.published_form(portal_session(), version, draft.form)
    if published is None:
        raise NotFound("form", "这项业务暂时不能在网上办理，请到村委会办理")
    return Filling(g.applicant, draft, published)


def version_of(draft: PortalDraft) -> str:
    """An application follows the version in force; a supplement that of its case."""
    session = portal_session()
    if draft.act:
        dispute = _dispute(draft)
        if act_of(dispute, draft.act) is None and not draft.submitted:
            raise NotFound("act", "这一项现在不能办：可能已经办过、期限已过，或者案件已经往下办了")
        return dispute.version
    if draft.case_number:
        view = portal_pages.case_of(session, g.applicant, draft.case_number)
        if view is None or not view.todo:
            raise NotFound("task", "这个办件现在没有要您办的事")
        return view.todo["version"]
    offer = portal_pages.offer(session, g.applicant.county, draft.case_type)
    if offer is None:
        raise NotFound("offer", "这项业务暂时不能在网上办理，请到村委会办理")
    return offer["version"]


def _dispute(draft: PortalDraft) -> PartyView:
    """NotFound for whoever is no party any more."""
    view = dispute_of(portal_session(), g.applicant, draft.case_number or "")
    if view is None:
        raise NotFound("dispute", "没有找到这件纠纷")
    return view
