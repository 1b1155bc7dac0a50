"""What each position may open. Doing a task is decided by the task's own role and office, not here.

Three administrators keep each other in check, as graded protection level 3 asks (GB/T 22239-2019, 8.1.4 and 8.1.10):
the system administrator makes accounts and asks for positions, the security administrator grants them and locks
accounts, the auditor sees what both did.
"""

AREAS: dict[str, frozenset[str]] = {
    "village_clerk": frozenset({"inbox", "cases", "register", "map", "start", "quality", "statistics"}),
    "township_reviewer": frozenset({"inbox", "cases", "register", "map", "quality", "statistics"}),
    "county_officer": frozenset(
        {"inbox", "cases", "register", "map", "unmask", "events", "quality", "statistics"}
    ),
    "surveyor": frozenset({"inbox", "cases", "map"}),
    "data_steward": frozenset({"register", "map", "packages", "quality", "statistics", "stores"}),
    "process_admin": frozenset({"studio", "jobs", "events"}),
    "system_admin": frozenset({"accounts"}),
    "security_admin": frozenset({"accounts"}),
    "auditor": frozenset({"audit", "cases", "stores"}),
}

# Digits of the division that an office of the role has: village 12, township 9, county 6.
OFFICE_DIGITS = {"village_clerk": 12, "township_reviewer": 9}
COUNTY_DIGITS = 6

TITLES: dict[str, dict[str, str]] = {
    "village_clerk": {"zh": "村级经办人", "en": "Village clerk"},
    "township_reviewer": {"zh": "乡镇审核人", "en": "Township reviewer"},
    "county_officer": {"zh": "县级审批人", "en": "County officer"},
    "surveyor": {"zh": "测绘人员", "en": "Surveyor"},
    "data_steward": {"zh": "数据管理员", "en": "Data steward"},
    "process_admin": {"zh": "流程管理员", "en": "Procedure administrator"},
    "system_admin": {"zh": "系统管理员", "en": "System administrator"},
    "security_admin": {"zh": "安全管理员", "en": "Security administrator"},
    "auditor": {"zh": "审计员", "en": "Auditor"},
}


def office_digits(role: str) -> int:
    return OFFICE_DIGITS.get(role, COUNTY_DIGITS)


def may(role: str, area: str) -> bool:
    return area in AREAS.get(role, frozenset())
