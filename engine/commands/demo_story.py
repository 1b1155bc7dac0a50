"""One contract signing from application to certificate, as each role in turn, through /api/v1 alone."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from engine.commands.demo_http import Client
from engine.domain.clock import SHANGHAI
from engine.reading.samples import scan_of
from engine.usecases.load_demonstration import PASSWORD

API = "/api/v1"
CODE_GRANT = "urn:tianqi:params:oauth:grant-type:one-time-code"
TYPE = "contract_signing"
CERTIFICATE = "云（2026）田溪县不动产权第000001号"


@dataclass(frozen=True)
class Applicant:
    """Somebody who knows their own name, number and telephone."""

    name: str
    id_number: str
    phone: str


@dataclass
class Story:
    """``work`` lets ticker and worker catch up; ``accounts``: role -> user name at the right office."""

    url: str
    applicant: Applicant
    accounts: dict[str, str]
    work: Callable[[], None]
    say: Callable[[str], None]
    folder: Path
    steps: int = 0
    case: str = ""
    documents: list[str] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)

    def play(self) -> str:
        """The status that the case ends with."""
        self.sign_in_household()
        self.apply()
        self.do("village_clerk", "village_check", "村级初审：通过", self.village_passes)
        self.do(
            "township_reviewer",
            "township_review",
            "乡镇审核：通过",
            lambda task: passed("材料齐全，审核通过。"),
        )
        self.do("county_handler", "county_check", "县级经办核查：拟同意", lambda task: PROPOSED)
        self.do("county_approver", "county_decision", "县级审批：同意", lambda task: approved("同意。"))
        self.publicity()
        self.do("village_clerk", "close_publicity", "登记公示结果：无异议", self.no_objection)
        self.do("village_clerk", "sign_contract", "双方签字，上传扫描件", self.signed)
        self.do("county_handler", "file_contract", "县级备案，登记簿更新", self.filed)
        self.registered()
        self.do("village_clerk", "hand_out_certificate", "发放权证", self.handed_out)
        return self.ending()

    def told(self, who: str, what: str) -> None:
        self.steps += 1
        now = datetime.fromisoformat(self.officer("county_approver").get(f"{API}/me")["now"])
        self.say(f"{self.steps:>3}  {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {who}  {what}")

    def officer(self, role: str) -> Client:
        if role not in self.clients:
            given = Client(self.url).form(
                f"{API}/token", grant_type="password", username=self.accounts[role], password=PASSWORD
            )
            self.clients[role] = Client(self.url, given["access_token"])
        return self.clients[role]

    @property
    def household(self) -> Client:
        return self.clients["household"]

    def sign_in_household(self) -> None:
        public, who = Client(self.url), self.applicant
        asked = public.post(
            f"{API}/portal/sign-ins", {"name": who.name, "id_number": who.id_number, "phone": who.phone}
        )
        self.told("承包方  ", f"{who.name} 用身份证号和手机号登录门户")
        self.work()
        newest = public.get(f"{API}/demo/messages")[0]["text"]
        code = found(r"验证码 (\d{6})", newest)
        given = public.form(f"{API}/token", grant_type=CODE_GRANT, sign_in=asked["id"], code=code)
        self.clients["household"] = Client(self.url, given["access_token"])
        self.told("承包方  ", f"收到短信验证码 {code}，登录成功")

    def apply(self) -> None:
        known = self.household.get(f"{API}/portal/me")["facts"]
        card = self.household.upload(
            f"{API}/portal/uploads", picture("ID CARD"), "身份证.jpg", kind="id_card", case_type=TYPE
        )
        self.told("承包方  ", "上传身份证照片")
        answers = {
            "kind": "renew",
            "members_right": "right",
            "parcels": [parcel["code"] for parcel in known["parcels"]],
            "parcels_right": "right",
            "phone": self.applicant.phone,
            "papers": {"id_card": [card]},
            "agreed": "yes",
        }
        handed_in = self.household.post(f"{API}/portal/applications", {"case_type": TYPE, "answers": answers})
        self.work()
        taken = self.household.get(f"{API}/portal/submissions/{handed_in['id']}")
        if taken["status"] != "taken":
            raise RuntimeError(f"申请没有受理 the application was not taken in: {taken}")
        self.case = taken["case"]
        self.told("承包方  ", f"申请延包 {len(known['parcels'])} 块地，受理为办件 {self.case}")
        public = Client(self.url).post(f"{API}/lookup", {"number": self.case, "code": taken["lookup_code"]})
        self.told("任何人  ", f"凭编号和查询码 {taken['lookup_code']} 查询：{public['turn']['text']['zh']}")

    def do(
        self, role: str, element: str, what: str, answers: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Find the task in the inbox, claim it, read it, fill it in, send it."""
        client, who = self.officer(role), WHO[role]
        number = self.waiting_task(client, element)
        address = f"{API}/cases/{self.case}/tasks/{number}"
        client.post(f"{address}/claim")
        read = client.ask("GET", address)
        task = read.json
        self.told(who, f"签收“{task['name']}”")
        filled = answers(task)
        filled_in = client.ask("PUT", f"{address}/draft", json_body({"data": filled}), JSON)
        assert filled_in.status == 200
        done = client.post(f"{address}/complete", {"answers": filled}, match=read.headers["ETag"])
        self.work()
        follows = "、".join(one["name"] for one in done["tasks"]) or ("公示" if done["waiting"] else "办结")
        self.told(who, f"{what} → {follows}")

    def waiting_task(self, client: Client, element: str) -> int:
        cursor: dict[str, Any] = {}
        while True:
            page = client.get(f"{API}/tasks", list="claimable", limit=100, **cursor)
            for row in page["items"]:
                if row["case"] == self.case and row["element"] == element:
                    return row["task"]
            if not page["next"]:
                raise RuntimeError(f"收件箱里没有任务 {element} / the inbox has no such task")
            cursor = {"cursor": page["next"]}

    def village_passes(self, task: dict[str, Any]) -> dict[str, Any]:
        start = task["facts"]["known"].get("term_start") or "2028-01-01"
        checked = ["household", "land", "no_dispute", "adopted"]
        return passed("经核实，情况属实，同意上报。") | {"checked": checked, "term_start": start}

    def publicity(self) -> None:
        """Ten full working days; not a day less."""
        shown = self.officer("village_clerk").get(f"{API}/cases/{self.case}")["publicities"][0]
        self.told("村级经办", f"公示张贴：{shown['starts_on']} 至 {shown['ends_on']}")
        self.move_clock(10)
        try:
            self.waiting_task(self.officer("village_clerk"), "close_publicity")
        except RuntimeError:
            self.told("系统    ", "第十个工作日，仍在公示，不能提前结束")
        else:
            raise RuntimeError("公示提前结束了 the publicity ended too early")
        self.move_clock(1)
        self.told("系统    ", "公示满十个工作日，期满")

    def move_clock(self, days: int) -> None:
        self.officer("county_approver").post(f"{API}/demo/clock", {"working_days": days})
        self.work()

    def no_objection(self, task: dict[str, Any]) -> dict[str, Any]:
        photo = self.hand_in("village_clerk", picture("PUBLICITY"), "公示照片.jpg", "publicity_photo")
        return {"places": ["own", "neighbours"], "outcome": "none", "papers": {"publicity_photo": [photo]}}

    def signed(self, task: dict[str, Any]) -> dict[str, Any]:
        """The printed contract comes back signed, as a scan."""
        village = self.officer("village_clerk")
        printed = next(p for p in village.get(f"{API}/cases/{self.case}/papers") if p["kind"] == "contract")
        body = village.file(f"{API}/papers/{printed['id']}/file")
        scan = self.hand_in("village_clerk", scan_of(body), "合同扫描件.pdf", "signed_contract")
        return {
            "both_signed": "yes",
            "signed_on": self.today(village),
            "place": "村委会",
            "contractor_signatory": self.applicant.name,
            "identity_check": "id_card",
            "papers": {"signed_contract": [scan]},
        }

    def filed(self, task: dict[str, Any]) -> dict[str, Any]:
        return {"decision": "file", "opinion": "签字盖章齐全，同意备案。"}

    def registered(self) -> None:
        """The file that was laid down for the registry, and its receipt."""
        county = self.officer("county_handler")
        waiting = county.get(f"{API}/hand-overs", state="waiting", limit=100)["items"]
        key = next(row["key"] for row in waiting if row["case"] == self.case)
        sent = county.file(f"{API}/hand-overs/{key}/file")
        path = self.folder / "hand_over.zip"
        path.write_bytes(sent)
        self.told("县级经办", f"移交登记机构，业务号 {key}，签名文件 {len(sent)} 字节")
        today = self.today(county)
        receipt = {
            "outcome": "accepted",
            "on": today,
            "number": f"{today[:4]}000001",
            "certificate_number": CERTIFICATE,
            "print_serial": "53000000001",
            "printed_on": today,
        }
        county.post(f"{API}/hand-overs/{key}/receipt", receipt)
        self.work()
        self.told("登记机构", "回执：准予登记，权证已印制")

    def handed_out(self, task: dict[str, Any]) -> dict[str, Any]:
        known = task["facts"]["known"]
        village = self.officer("village_clerk")
        signed = self.hand_in("village_clerk", picture("RECEIPT"), "领证签收单.jpg", "receipt")
        return {
            "certificate_serial": known["certificate_number"],
            "print_serial": known["print_serial"],
            "printed_on": known["printed_on"],
            "papers": {"receipt": [signed]},
            "handed_on": self.today(village),
            "receiver_name": self.applicant.name,
            "receiver_id_number": self.applicant.id_number,
            "old_certificate": "collected",
        }

    def hand_in(self, role: str, body: bytes, name: str, kind: str) -> str:
        return self.officer(role).upload(f"{API}/papers", body, name, kind=kind, case_type=TYPE)

    def today(self, client: Client) -> str:
        now = datetime.fromisoformat(client.get(f"{API}/me")["now"])
        return now.astimezone(SHANGHAI).date().isoformat()

    def ending(self) -> str:
        """The household downloads its papers, the register is looked at, the auditor checks the record."""
        county = self.officer("county_approver")
        status = county.get(f"{API}/cases/{self.case}")
        code = status["contractor_code"]
        household = county.get(f"{API}/households/{code}")
        contract = household["contract"]
        self.told("登记簿  ", f"合同 {contract['code']}，{contract['term_start']} 至 {contract['term_end']}")
        self.keep_documents(county)
        mine = self.household.get(f"{API}/portal/cases/{self.case}/papers")
        self.told("承包方  ", f"在门户下载：{'、'.join(paper['title'] for paper in mine)}")
        genuine = Client(self.url).get(f"{API}/verify/{mine[0]['verify_code']}")
        self.told("任何人  ", f"扫码核验 {genuine['title']} {genuine['number']}：属实")
        proved = self.officer("auditor").get(f"{API}/audit/verification")
        replayed = self.officer("auditor").get(f"{API}/audit/cases/{self.case}/replay")
        if not proved["intact"] or replayed["differences"]:
            raise RuntimeError(
                f"记录不完整 the record does not hold: {proved['faults']} {replayed['differences']}"
            )
        self.told(
            "审计员  ",
            f"核验 {proved['events']} 条记录完整；按记录重建 {len(replayed['steps'])} 步，结果一致",
        )
        return status["status"]

    def keep_documents(self, client: Client) -> None:
        for paper in client.get(f"{API}/cases/{self.case}/papers"):
            if paper["source"] == "issued":
                path = self.folder / f"{paper['kind']}.pdf"
                path.write_bytes(client.file(f"{API}/papers/{paper['id']}/file"))
                self.documents.append(str(path))
        self.told("县级审批", f"文书 {len(self.documents)} 份存入 {self.folder}")


WHO = {
    "village_clerk": "村级经办",
    "township_reviewer": "乡镇审核",
    "county_handler": "县级经办",
    "county_approver": "县级审批",
    "auditor": "审计员  ",
}
PROPOSED = {
    "checked": ["papers", "register", "free"],
    "proposal": "approve",
    "opinion": "材料与登记簿一致，拟同意。",
}
JSON = {"Content-Type": "application/json"}


def json_body(value: Any) -> bytes:
    return json.dumps(value).encode()


def passed(opinion: str) -> dict[str, Any]:
    return {"decision": "pass", "opinion": opinion}


def approved(opinion: str) -> dict[str, Any]:
    return {"decision": "approve", "opinion": opinion}


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"短信里没有验证码 no code in the message: {text}")
    return match[1]


def picture(words: str) -> bytes:
    """A photograph, as far as the demonstration goes."""
    image = Image.new("RGB", (640, 400), (238, 236, 228))
    ImageDraw.Draw(image).text((40, 40), f"{words}  (demonstration)", fill=(40, 60, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
