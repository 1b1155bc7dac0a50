"""The demonstration: a synthetic county, accounts for every kind of user, the shipped case types in force."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.roles import FIRM
from engine.queries.counties import county_codes, divisions_within
from engine.store import versions
from engine.store.firms import MARK
from engine.store.tables.disputes import CommissionMember
from engine.store.tables.firms import SurveyFirm
from engine.store.tables.reference import Person, Position
from engine.store.versions import read_folder
from engine.usecases.publish_process import publish_process
from engine.usecases.sign_in import HASHER

PASSWORD = "tianqi-demo"
SINCE = date(2020, 1, 1)
COUNTY_ACCOUNTS = (
    ("county", "县审批 何静", "county_officer"),
    ("county2", "县审批 罗成", "county_officer"),
    ("handler", "县经办 杜若", "county_handler"),
    ("approver", "县审批 秦朗", "county_approver"),
    ("supervisor", "县监督 严正", "county_supervisor"),
    ("surveyor", "测绘 马跃", "surveyor"),
    ("secretary", "仲裁办 苏敏", "arbitration_secretary"),
    ("chair", "仲裁委主任 季然", "arbitration_chair"),
    ("steward", "数据管理 许诺", "data_steward"),
    ("steward2", "数据复核 唐宁", "data_steward"),
    ("admin", "流程管理 沈文", "process_admin"),
    ("admin2", "流程复核 丁宁", "process_admin"),
    ("sysadmin", "系统管理 陶然", "system_admin"),
    ("secadmin", "安全管理 石磊", "security_admin"),
    ("auditor", "审计 方正", "auditor"),
    ("court", "法院执行 高明", "outside_reader"),
)


def is_loaded(session: Session) -> bool:
    return bool(county_codes(session))


def create_accounts(session: Session, county: str) -> list[tuple[str, str, str]]:
    """(username, role, division) of one account per village and township, and the county's; idempotent."""
    rows = [(name, person, role, county) for name, person, role in COUNTY_ACCOUNTS]
    for prefix, digits, role, title in (
        ("village", 12, "village_clerk", "村经办"),
        ("township", 9, "township_reviewer", "乡镇审核"),
    ):
        divisions = divisions_within(session, county, digits)
        rows += [
            (f"{prefix}{n}", f"{title} {division.name}", role, division.code)
            for n, division in enumerate(divisions, 1)
        ]
    rows += add_firms(session, county)
    give_telephones(session, county)
    password_hash = HASHER.hash(PASSWORD)
    for username, name, role, division in rows:
        add_account(session, username, name, role, division, password_hash)
    session.flush()
    create_commission(session, county)
    return [(username, role, division) for username, _, role, division in sorted(rows)]


# number on the list, name, post in the commission, whether an arbitrator, ground of art 15, trade
COMMISSION = (
    ("01", "季然", "chair", True, "administration", "office"),
    ("02", "蒋文清", "vice_chair", True, "law", "law"),
    ("03", "岳长林", "member", True, "respected", "farmer"),
    ("04", "柏春生", "member", True, "mediation", "farmer"),
    ("05", "白雅琴", "member", True, "law", "law"),
    ("06", "申守田", "member", False, None, "farmer"),
    ("07", "陆知秋", "none", True, "administration", "economics"),
)


def create_commission(session: Session, county: str) -> None:
    """An arbitration commission and its list of arbitrators; idempotent."""
    for number, name, post, arbitrator, ground, trade in COMMISSION:
        member_id = stable_id(f"commission:{county}:{number}")
        if session.get(CommissionMember, (county, member_id)) is None:
            session.add(
                CommissionMember(
                    county=county,
                    id=member_id,
                    number=number,
                    name=name,
                    post=post,
                    arbitrator=arbitrator,
                    ground=ground,
                    trade=trade,
                    phone=None,
                    starts_on=SINCE,
                    ends_on=None,
                    division=county,
                )
            )
    session.flush()


FIRMS = (
    ("firm", "鲁班测绘", "青石勘测有限公司", 1, date(2020, 1, 1), date(2099, 12, 31)),
    ("firm2", "墨翟测绘", "云岭地理信息有限公司", 2, date(2020, 1, 1), date(2099, 12, 31)),
    ("firm3", "赵过测绘", "北坡测绘队", 2, date(2015, 1, 1), date(2025, 12, 31)),
)
"""username, its holder, firm, grade, qualified from and until. The last one's qualification has ended."""


def add_firms(session: Session, county: str) -> list[tuple[str, str, str, str]]:
    """(username, name, role, firm's code) of one account per surveying firm."""
    rows = []
    for n, (username, person, name, grade, since, until) in enumerate(FIRMS, 1):
        code = f"{county}{MARK}{n:03d}"
        rows.append((username, person, FIRM, code))
        if session.get(SurveyFirm, (county, code)) is None:
            session.add(
                SurveyFirm(
                    county=county,
                    code=code,
                    division=county,
                    name=name,
                    credit_code=f"91{county}MA5TQ{n:05d}",
                    grade=grade,
                    certificate=f"{'甲乙'[grade - 1]}测资字{county}{n:02d}",
                    valid_from=since,
                    valid_to=until,
                    contact=person[:2],
                    phone=f"0900-10{n:05d}",
                    active=True,
                    changed_at=datetime(2020, 1, 1, tzinfo=UTC),
                    changed_by="示范",
                )
            )
    return rows


def give_telephones(session: Session, county: str) -> None:
    """A telephone for every office, which applicants are told; the area code 0900 belongs to nobody."""
    for digits in (6, 9, 12):
        for n, division in enumerate(divisions_within(session, county, digits), 1):
            division.phone = division.phone or f"0900-{digits:02d}{n:05d}"


def add_account(
    session: Session, username: str, name: str, role: str, division: str, password_hash: str
) -> None:
    person_id = stable_id(f"person:{username}")
    if session.get(Person, person_id):
        return
    session.add(
        Person(
            id=person_id,
            username=username,
            name=name,
            home=division[:6],
            password_hash=password_hash,
            sessions_from=datetime(2020, 1, 1, tzinfo=UTC),
        )
    )
    session.flush()
    session.add(
        Position(
            id=stable_id(f"position:{username}"),
            person_id=person_id,
            role=role,
            division=division,
            valid_from=SINCE,
        )
    )


def stable_id(name: str) -> UUID:
    """The demonstration's accounts have the same ids everywhere."""
    return uuid5(NAMESPACE_URL, f"urn:tianqi:demonstration:{name}")


def publish_shipped(session: Session, clock: Clock, county: str, folder: Path) -> list[str]:
    """Put every shipped case type in force that the county has none of; never over a county's own version."""
    published = []
    in_force = dict(versions.case_types_in_force(session, county))
    for path in sorted(folder.iterdir()):
        if (path / "case_type.yaml").exists() and path.name not in in_force:
            files = read_folder(path)
            publish_process(session, clock, county, files, "shipped", "vendor", "随软件发布")
            published.append(path.name)
    return published
