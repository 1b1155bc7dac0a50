"""What the addresses of pages and API are filled with and sent, so that nothing but who asks can be wrong."""

import re
from dataclasses import dataclass
from uuid import UUID, uuid4

from engine.usecases.load_demonstration import stable_id
from tests.web.staff import COUNTY

PUBLIC = {
    "own.activate_page", "own.activate_now", "own.account", "own.keys", "own.password", "own.second_factor", "own.recovery_codes", "own.end_sessions",
    "auth.recover_page", "auth.recover_now", "outside.start", "outside.back",
    "auth.second_page", "auth.second_now", "static", "healthz", "auth.home", "auth.sign_in_page", "auth.sign_in_now", "auth.sign_out", "auth.choose_position",
    "portal.home", "portal.sign_in_page", "portal.sign_in_now", "portal.sign_in_wait", "portal.code_page",
    "portal.code_now", "portal.sign_out", "portal.lookup", "portal.look_up", "portal.verify_any", "portal.verify_file", "portal.verify",
    "portal.board", "portal.board_offer", "portal.board_new", "portal.board_send", "portal.board_sent", "portal.board_withdraw",
    "portal.board_report", "portal.board_report_send", "portal.policy", "api-board.offers", "api-board.offer", "api-board.send",
    "api-board.sent", "api-board.withdraw", "api-board.report",
    "portal.compare", "portal.disputes", "api-portal-acts.public_disputes", "portal.notices", "portal.notice", "portal.objection", "portal.object_now", "portal.objected", "portal.guides", "portal.guide", "portal.offices", "demo.messages", "demo.clock",
    "api-sign-in.token", "api-sign-in.revoke", "api-public.lookup", "api-portal-acts.notices", "api-portal-acts.notice", "api-portal-acts.guides", "api-portal-acts.offices", "api-public.verify", "api-demo.messages",
    "api-public.verify_file", "api-public.object_now", "api-public.objected",
    "api-portal.sign_in", "api-portal.sign_in_state",
    "portal.deal_page", "portal.deal_contract", "portal.deal_code", "portal.deal_sign", "portal.deal_answer",
    "api-deals.deal", "api-deals.contract", "api-deals.code", "api-deals.sign", "api-deals.answer",
    "open.overview", "open.village", "open.features", "open.parcel", "api-open.parcel", "api-open.village",
}  # fmt: skip
# address parts that name something of the owner's
SCOPED_VALUES = (
    "message_id",
    "number",
    "code",
    "paper_id",
    "party",
    "parcel",
    "contract",
    "entry",
    "finding_id",
    "key",
    "destruction_id",
    "transfer",
)
# well-formed, so that nothing else is wrong
BODIES = {
    "complete": {"answers": {}},
    "draft": {"data": {}},
    "messages": {"name": "x"},
    "signals": {"name": "x"},
    "receipt": {"outcome": "accepted", "on": "2026-01-01", "number": "x"},
    "archive": {"retention": "permanent", "checked_by": "某人"},
    "destructions": {
        "certificates": [str(UUID(int=0))],
        "destroyed_on": "2026-01-01",
        "place": "x",
        "way": "x",
        "witnesses": [{"name": "甲", "office": "乙"}, {"name": "丙", "office": "丁"}],
    },
    "settle": {"did": "fixed", "reason": "看过"},
    "remarks": {"text": "看过"},
    "acts": {"act": "x", "answers": {}},
    "release": {"reason": "x"},
    "commission": {"number": "1", "name": "x", "post": "none", "trade": "law"},
    "survey-firms": {
        "name": "x",
        "credit_code": "x",
        "grade": 1,
        "certificate": "x",
        "valid_from": "2026-01-01",
        "valid_to": "2026-01-01",
        "contact": "x",
        "phone": "x",
    },
    "numbers": {"purpose": "核对身份"},
    "lookups": {"code": "9901011002010100022", "purpose": "核对身份"},
    "objections": {"publicity": str(UUID(int=0)), "objector": "某人", "category": "other", "text": "x"},
    "reply": {"code": "100"},
    "repeat": {"why": "x"},
    "answer": {"outcome": "dismissed", "finding": "x", "answer": "x"},
    "photos": {"place": 0, "paper": str(UUID(int=0))},
    "withdrawal": {"reason": "x"},
    "errors": {"finding": "x"},
    "declined": {"answer": "x"},
    "terms": {
        "payer": "x",
        "phone": "13800000000",
        "yearly_yuan": "1",
        "every_months": 12,
        "first_due": "2026-01-01",
    },
    "paid": {"paid_on": "2026-01-01"},
    "inspections": {
        "inspected_on": "2026-01-01",
        "inspector": "x",
        "place": "x",
        "finding": "fine",
        "words": "x",
    },
    "follow-up": {"words": "x"},
    "deposit": {"kind": "used", "amount": "1", "note": "x"},
    "<code>": {"data": {}},  # a draft at the counter
}
OWN_DESK = ("/inbox/bulk", "/inbox/views", "/notices", "/tasks/bulk", "/views")
"""What is one's own, or judged item by item: open also to those who only look."""
OF_OTHER_CASES = ("/archive.zip", "/archive/package", "/field-package.zip", "/field-package")
"""Of ended cases, and of surveys; the owner's is open, and no survey."""
PURPOSE = {"purpose": "核对身份"}


@dataclass(frozen=True)
class Objects:
    """What the owner's addresses are filled with."""

    case: str
    task: int
    household: str
    name: str  # of the household: a refusal may repeat the code that was asked for, never this
    paper: str
    loose: str  # handed in, and no case has it yet
    work: str  # long work that an auditor asked for
    backtest: str  # and an administrator
    export: str  # and a data steward
    reconcile: str
    check: str
    intake: int  # a package that somebody brought
    workbook: str  # and the owner
    parcel: str  # of the household, as its contract and its register entry below
    contract: str
    finding: int  # of the quality rules, in the owner's village
    hand_over: str  # of the case, to the registry
    transfer: str  # a transfer contract of the household's land
    destruction: str  # a list of destroyed certificates, in the owner's village
    feed: str  # a message of the case to the upper platform

    def fill(self, rule: str) -> str:
        values = {
            "number": self.case, "task_number": str(self.task), "task": str(self.task), "code": self.household,
            "paper_id": self.paper, "case_type": "contract_signing", "path": "process.bpmn", "seq": "1",
            "filename": "x", "draft_id": str(uuid4()), "part_id": str(uuid4()), "county": COUNTY, "submission_id": str(uuid4()), "act": "submit", "slug": "kind",
            "position_id": str(stable_id("position:village1")), "deputy_id": str(uuid4()),
            "mark": "effect-1", "token_id": str(uuid4()), "work_id": self.work, "person_id": str(stable_id("person:village1")),
            "intake": str(self.intake), "thing": "parcel", "change": "added", "finding_id": str(self.finding),
            "party": self.household[:14], "parcel": self.parcel, "contract": self.contract, "entry": self.contract,
            "notice_id": "1", "sheet": "application", "view_id": str(uuid4()),
            "level": "8", "column": "9160", "row": "1209", "what": "households", "kind": "csv",
            "publicity_id": str(uuid4()), "ledger": "contracts", "book": "contracts", "year": "2025",
            "member_id": str(uuid4()), "version_number": "1", "key": self.hand_over, "transfer": self.transfer, "offer_id": str(uuid4()), "report_id": str(uuid4()), "destruction_id": self.destruction, "message_id": self.feed,
            "firm_code": f"{COUNTY}F001", "publicity": str(uuid4()), "objection": "1", "session_id": str(uuid4()), "payment": str(uuid4()), "inspection": "1",
        }  # fmt: skip

        def value(found: re.Match[str]) -> str:
            name = found[1].rpartition(":")[2]
            if name == "act" and "/migration/" in rule:
                return "rehearse"
            if name == "act" and "/packages/" in rule:
                return "ask"
            if name == "work_id" and "/packages/" in rule:
                return self.export
            if name == "work_id" and (rule.startswith("/studio") or "/backtests/" in rule):
                return self.backtest
            if name == "work_id" and "/statistics/" in rule:
                return self.workbook
            if name == "work_id" and "/stores/" in rule:
                return self.reconcile
            if name == "work_id" and "/quality/" in rule:
                return self.check
            return "1" if name == "number" and rule.startswith("/studio") else values[name]

        return re.sub(r"<((?:[^<>()]|\([^)]*\))*)>", value, rule)
