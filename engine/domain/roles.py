"""What each position may open. Doing a task is decided by the task's own role and office, not here.

Three administrators keep each other in check, as graded protection level 3 asks (GB/T 22239-2019, 8.1.4 and 8.1.10):
the system administrator makes accounts and asks for positions, the security administrator grants them and locks
accounts, the auditor sees what both did.
"""

_HANDLES = frozenset(
    {
        "inbox",
        "cases",
        "register",
        "map",
        "unmask",
        "quality",
        "statistics",
        "books",
        "registry",
        "registrar",
        "disputes",
        "supervision",
    }
    | {"firms", "field", "start"}
)
_DECIDES = frozenset({"events", "remind"})

AREAS: dict[str, frozenset[str]] = {
    "village_clerk": frozenset(
        {
            "inbox",
            "cases",
            "register",
            "map",
            "start",
            "quality",
            "statistics",
            "books",
            "registry",
            "disputes",
            "supervision",
        }
    ),
    "township_reviewer": frozenset(
        {
            "inbox",
            "cases",
            "register",
            "map",
            "start",
            "quality",
            "statistics",
            "books",
            "remind",
            "registry",
            "disputes",
            "supervision",
        }
    ),
    "county_officer": _HANDLES | _DECIDES,
    "county_handler": _HANDLES,
    "county_approver": _HANDLES | _DECIDES,
    "county_supervisor": frozenset(
        {
            "inbox",
            "cases",
            "register",
            "map",
            "quality",
            "statistics",
            "books",
            "remind",
            "registry",
            "disputes",
            "supervision",
        }
    ),
    "arbitration_secretary": frozenset(
        {"inbox", "cases", "register", "map", "start", "disputes", "commission"}
    ),
    "arbitration_chair": frozenset({"inbox", "cases", "register", "map", "disputes", "remind"}),
    "surveyor": frozenset({"inbox", "cases", "map", "field"}),
    "survey_firm": frozenset({"inbox", "cases", "field"}),
    "data_steward": frozenset({"register", "map", "packages", "quality", "statistics", "books", "stores"}),
    "process_admin": frozenset({"studio", "jobs", "events"}),
    "system_admin": frozenset({"accounts"}),
    "security_admin": frozenset({"accounts"}),
    "auditor": frozenset({"audit", "cases", "stores"}),
    "outside_reader": frozenset({"lookups"}),
    "outside_system": frozenset({"register", "map", "statistics", "cases", "events", "lookups"}),
}

# Whose tasks a role does beside its own. A small county's officer handles and approves; the record says so.
ALSO_DOES: dict[str, frozenset[str]] = {"county_officer": frozenset({"county_handler", "county_approver"})}
UNDIVIDED = frozenset(
    ALSO_DOES
)  # asked for with a reason: nobody holds them in a county that keeps the roles apart
# Who is above whom: may reassign their tasks. A county's own roles are looked after by its approvers.
SUPERIORS: dict[str, frozenset[str]] = {
    "village_clerk": frozenset({"township_reviewer"}),
    "township_reviewer": frozenset({"county_officer", "county_approver"}),
    "county_handler": frozenset({"county_officer", "county_approver"}),
    "surveyor": frozenset({"county_officer", "county_handler", "county_approver"}),
    "arbitration_secretary": frozenset({"arbitration_chair"}),
}
FIRM = (
    "survey_firm"  # its office is no division but the firm's own code: it sees what it was given, and no more
)
# Who does tasks, and so may have a deputy.
DEPUTISED = frozenset(
    {
        "village_clerk",
        "township_reviewer",
        "county_officer",
        "county_handler",
        "county_approver",
        "surveyor",
        "arbitration_secretary",
        "arbitration_chair",
    }
)
# Reads everything in scope and may remind, and changes nothing.
LOOKS_ONLY = frozenset({"county_supervisor"})
_MAY_STILL = frozenset(
    {"remind", "books", "staff"}
)  # areas in which even they may ask for something to be done
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "auditor"})
# In one case nobody does the tasks of both.
APART_IN_A_CASE = frozenset({"county_handler", "county_approver"})
_COMMISSION = frozenset({"arbitration_secretary", "arbitration_chair"})  # nor of these two
# Of these nobody holds two at a time.
_COUNTY_ROLES = APART_IN_A_CASE | {"county_officer", "county_supervisor"}
OUTSIDE = "outside_system"  # another department's program; no person signs in as it, and its scopes narrow it

# Digits of the division that an office of the role has: village 12, township 9, county 6.
OFFICE_DIGITS = {"village_clerk": 12, "township_reviewer": 9, "survey_firm": 10}
COUNTY_DIGITS = 6

TITLES: dict[str, dict[str, str]] = {
    "village_clerk": {"zh": "村级经办人", "en": "Village clerk"},
    "township_reviewer": {"zh": "乡镇审核人", "en": "Township reviewer"},
    "county_officer": {"zh": "县级业务员", "en": "County officer"},
    "county_handler": {"zh": "县级经办人", "en": "County handling officer"},
    "county_approver": {"zh": "县级审批人", "en": "County approving officer"},
    "county_supervisor": {"zh": "县级监督人", "en": "County supervisor"},
    "surveyor": {"zh": "测绘人员", "en": "Surveyor"},
    "arbitration_secretary": {"zh": "仲裁委员会工作人员", "en": "Secretary of the arbitration commission"},
    "arbitration_chair": {"zh": "仲裁委员会主任", "en": "Chair of the arbitration commission"},
    "survey_firm": {"zh": "测绘单位人员", "en": "Surveying firm"},
    "data_steward": {"zh": "数据管理员", "en": "Data steward"},
    "process_admin": {"zh": "流程管理员", "en": "Procedure administrator"},
    "system_admin": {"zh": "系统管理员", "en": "System administrator"},
    "security_admin": {"zh": "安全管理员", "en": "Security administrator"},
    "auditor": {"zh": "审计员", "en": "Auditor"},
    "outside_reader": {"zh": "其他部门查询人员", "en": "Reader of another department"},
    "outside_system": {"zh": "外部系统", "en": "Another system"},
}


def office_digits(role: str) -> int:
    return OFFICE_DIGITS.get(role, COUNTY_DIGITS)


def may(role: str, area: str) -> bool:
    return area in AREAS.get(role, frozenset())


def does(role: str, task_role: str | None) -> bool:
    """Whether a holder of ``role`` does the tasks of ``task_role`` (at the same office)."""
    return role == task_role or task_role in ALSO_DOES.get(role, frozenset())


def roles_done_by(role: str) -> tuple[str, ...]:
    return (role, *sorted(ALSO_DOES.get(role, frozenset())))


def is_superior(role: str, division: str, task_role: str, office: str) -> bool:
    """Whether ``role`` at ``division`` is above ``task_role`` at ``office``."""
    return role in SUPERIORS.get(task_role, frozenset()) and office.startswith(division)


def incompatible(one: str, other: str) -> bool:
    """Whether nobody may hold both at a time: an administrator holds nothing else (GB/T 22239-2019, 8.1.10), and
    who handles at the county neither approves nor supervises there.
    """
    if one == other:
        return False
    return one in ADMINISTRATORS or other in ADMINISTRATORS or {one, other} <= _COUNTY_ROLES


def apart_in_a_case(earlier: str, role: str) -> bool:
    """Whether who acted as ``earlier`` in a case may not do a task of ``role`` in it."""
    both = {earlier, role}
    return earlier != role and (both <= APART_IN_A_CASE or both <= _COMMISSION)


def may_act(role: str, area: str) -> bool:
    """Whether the role may do more in an area that it may open than look at it."""
    return role not in LOOKS_ONLY or area in _MAY_STILL
