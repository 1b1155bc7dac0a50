"""What each position may open. Doing a task is decided by the task's own role and office, not here."""

AREAS: dict[str, frozenset[str]] = {
    "village_clerk": frozenset({"inbox", "cases", "register", "map", "start", "quality", "statistics"}),
    "township_reviewer": frozenset({"inbox", "cases", "register", "map", "quality", "statistics"}),
    "county_officer": frozenset(
        {"inbox", "cases", "register", "map", "unmask", "events", "quality", "statistics"}
    ),
    "surveyor": frozenset({"inbox", "cases", "map"}),
    "data_steward": frozenset({"register", "map", "packages", "quality", "statistics", "stores"}),
    "process_admin": frozenset({"studio", "jobs", "events"}),
    "auditor": frozenset({"audit", "cases", "stores"}),
}

TITLES: dict[str, dict[str, str]] = {
    "village_clerk": {"zh": "村级经办人", "en": "Village clerk"},
    "township_reviewer": {"zh": "乡镇审核人", "en": "Township reviewer"},
    "county_officer": {"zh": "县级审批人", "en": "County officer"},
    "surveyor": {"zh": "测绘人员", "en": "Surveyor"},
    "data_steward": {"zh": "数据管理员", "en": "Data steward"},
    "process_admin": {"zh": "流程管理员", "en": "Procedure administrator"},
    "auditor": {"zh": "审计员", "en": "Auditor"},
}


def may(role: str, area: str) -> bool:
    return area in AREAS.get(role, frozenset())
