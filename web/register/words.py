"""What the register's facts are called and how their values read: the standard's codes stand beside the words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from engine.domain import masking
from engine.exchange import standard
from engine.exchange.standard import label
from engine.queries.ledgers.land_transfers import GROUNDS, RECIPIENTS, SIDES, WAYS
from engine.queries.ledgers.land_transfers import STATES as TRANSFER_STATES
from engine.queries.things.past import Change, Difference, Moment, RowChange, facts
from engine.store.tables import register as t
from web.i18n import FILTERS, N_, in_words, lang

TABLES = {
    t.IssuingPartyVersion: "FBF",
    t.ContractorVersion: "CBF",
    t.Member: "CBF_JTCY",
    t.ParcelVersion: "DK",
    t.ContractVersion: "CBHT",
    t.ContractedParcel: "CBDKXX",
    t.RegisterEntryVersion: "CBJYQZDJB",
    t.CertificateVersion: "CBJYQZ",
}
VERSIONS = {
    "party": t.IssuingPartyVersion,
    "contractor": t.ContractorVersion,
    "parcel": t.ParcelVersion,
    "contract": t.ContractVersion,
    "entry": t.RegisterEntryVersion,
    "certificate": t.CertificateVersion,
}
MASKED = ("id_number", "phone")  # endings of columns that show 前3后4

# By the standard's field. What is not here is called as the standard calls it.
LABELS = {
    "FBFMC": N_("发包方名称"), "FBFFZRXM": N_("负责人"), "FZRZJLX": N_("负责人证件类型"),
    "FZRZJHM": N_("负责人证件号"), "FBFDZ": N_("地址"), "FBFDCY": N_("调查员"), "FBFDCRQ": N_("调查日期"),
    "FBFDCJS": N_("调查记事"), "LXDH": N_("电话"), "YZBM": N_("邮政编码"),
    "CBFLX": N_("类型"), "CBFMC": N_("承包方名称"), "CBFZJLX": N_("证件类型"), "CBFZJHM": N_("证件号"),
    "CBFDZ": N_("住址"), "CBFCYSL": N_("成员数"), "CBFDCRQ": N_("调查日期"), "CBFDCY": N_("调查员"),
    "CBFDCJS": N_("调查记事"), "GSJS": N_("公示记事"), "GSJSR": N_("公示记事人"), "GSSHRQ": N_("公示审核日期"),
    "GSSHR": N_("公示审核人"),
    "CYXM": N_("姓名"), "CYXB": N_("性别"), "CYZJLX": N_("证件类型"), "CYZJHM": N_("身份证号"),
    "YHZGX": N_("与户主关系"), "CYBZ": N_("成员备注"), "SFGYR": N_("共有人"), "CYBZSM": N_("备注说明"),
    "DKMC": N_("地块名称"), "SYQXZ": N_("所有权性质"), "DKLB": N_("地块类别"), "TDLYLX": N_("土地利用类型"),
    "DLDJ": N_("地力等级"), "TDYT": N_("土地用途"), "SFJBNT": N_("基本农田"), "SCMJ": N_("实测面积"),
    "DKDZ": N_("东至"), "DKNZ": N_("南至"), "DKXZ": N_("西至"), "DKBZ": N_("北至"), "DKBZXX": N_("备注"),
    "ZJRXM": N_("指界人"), "KJZB": N_("界址点"),
    "YCBHTBM": N_("原合同编码"), "CBFS": N_("承包方式"), "CBQXQ": N_("承包期限起"), "CBQXZ": N_("承包期限止"),
    "HTZMJ": N_("合同总面积"), "YHTZMJ": N_("原合同总面积"), "CBDKZS": N_("地块数"), "QDSJ": N_("签订日期"),
    "CBJYQQDFS": N_("取得方式"), "HTMJ": N_("合同面积"), "YHTMJ": N_("原合同面积"), "SFQQQG": N_("确权确股"),
    "LZHTBM": N_("流转合同编码"),
    "CBQX": N_("承包期限"), "DKSYT": N_("地块示意图"), "CBJYQZLSH": N_("权证流水号"), "DJBFJ": N_("登记簿附记"),
    "YCBJYQZBH": N_("原权证编号"), "DBR": N_("登簿人"), "DJSJ": N_("登记时间"),
    "FZJG": N_("发证机关"), "FZRQ": N_("发证日期"), "QZSFLQ": N_("是否领取"), "QZLQRQ": N_("领取日期"),
    "QZLQRXM": N_("领取人"), "QZLQRZJLX": N_("领取人证件类型"), "QZLQRZJHM": N_("领取人证件号"),
}  # fmt: skip
UNCODED = {
    "state": N_("状态"), "serial": N_("权证编号"), "reason": N_("原因"), "outline": N_("地块界线"),
    "member_count": N_("成员数"),
}  # fmt: skip
STATES = {
    "in_force": (N_("生效"), "green"), "ended": (N_("已终止"), "grey"), "valid": (N_("有效"), "green"),
    "void": (N_("已作废（遗失）"), "grey"), "destroyed": (N_("已收回"), "grey"), "cancelled": (N_("已注销"), "grey"),
}  # fmt: skip
KINDS = {
    "party": N_("发包方"), "contractor": N_("承包方"), "parcel": N_("地块"), "contract": N_("承包合同"),
    "entry": N_("登记簿"), "certificate": N_("权证"),
}  # fmt: skip
BLOCKS = {
    "dispute": N_("纠纷"), "mortgage": N_("抵押"), "seizure": N_("查封"), "transfer": N_("流转"),
}  # fmt: skip
CAUSES = {"import": N_("导入成果包"), "case": N_("办件"), "correction": N_("更正")}

# What stands together on a page; the first group takes whatever is in none.
GROUPS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "party": ((N_("调查"), ("surveyor", "surveyed_on", "survey_note")),),
    "contractor": (
        (N_("调查"), ("surveyed_on", "surveyor", "survey_note")),
        (N_("公示"), ("publicity_note", "publicity_recorder", "publicity_reviewed_on", "publicity_reviewer")),
    ),
    "parcel": ((N_("四至和指界"), ("east", "south", "west", "north", "witnesses", "note", "corners")),),
    "contract": (), "entry": (), "certificate": (),
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """``field``: the standard's name of it; ``code``: of a coded value, beside its words."""

    label: str
    field: str
    value: str | Markup
    code: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    facts: tuple[Fact, ...]


class Words:
    """``decimals`` of 亩 as the county shows them; ``number`` masks a personal number, or shows it where it may."""

    def __init__(self, decimals: int, number: Callable[[str | None], str] = masking.number):
        self.decimals, self.number = decimals, number

    def groups(self, kind: str, version: Any) -> list[Group]:
        """Everything that a version says, as the page groups it; empty groups are left out."""
        said = facts(version) | ({"corners": version.corners} if kind == "parcel" else {})
        later = GROUPS[kind]
        taken = {name for _title, names in later for name in names}
        first = Group("", tuple(self.fact(version, n, v) for n, v in said.items() if n not in taken))
        return [first] + [
            Group(_(title), tuple(self.fact(version, name, said[name]) for name in names))
            for title, names in later
            if any(said[name] for name in names)
        ]

    def fact(self, row: Any, name: str, value: Any) -> Fact:
        field = field_of(type(row), name)
        coded = bool(codes_of(type(row), name)) and value not in (None, "")
        return Fact(
            label_of(type(row), name), field, self.value(type(row), name, value), value if coded else ""
        )

    def value(self, mapped: Any, name: str, value: Any) -> str:
        """In words; nothing is a dash."""
        if value in (None, ""):
            return "—"
        if name == "state":
            return _(STATES[value][0]) if value in STATES else str(value)
        if name.endswith(MASKED):
            return self.number(value)
        if isinstance(value, date):
            return FILTERS["day"](value)
        if isinstance(value, Decimal):
            return self.area(value)
        listed = codes_of(mapped, name)
        return label(listed, value, lang()) if listed else str(value)

    def area(self, m2: Decimal | None) -> str:
        """3.42 亩（2280.00 m²）"""
        return "—" if m2 is None else f"{FILTERS['mu'](m2, self.decimals)} {_('亩')}（{m2} m²）"

    def difference(self, mapped: Any, found: Difference) -> dict[str, str]:
        """A line of a table of before and after."""
        field = field_of(mapped, found.field)
        if found.field == "outline":
            return {
                "label": label_of(mapped, found.field),
                "field": "",
                "before": "",
                "after": _("重新勘界，界线有变化"),
            }
        return {
            "label": label_of(mapped, found.field),
            "field": field,
            "before": self.coded(mapped, found.field, found.before),
            "after": self.coded(mapped, found.field, found.after),
        }

    def coded(self, mapped: Any, name: str, value: Any) -> str:
        """The words with the code before them: 10 承包地块."""
        words = self.value(mapped, name, value)
        return f"{value} {words}" if codes_of(mapped, name) and value not in (None, "") else words

    def changed(self, change: Change) -> list[dict[str, str]]:
        """The differences of a change that was no beginning."""
        return [self.difference(VERSIONS[change.kind], one) for one in change.fields]

    def row_changed(self, row: RowChange) -> list[dict[str, str]]:
        mapped = t.Member if row.what == "member" else t.ContractedParcel
        return [self.difference(mapped, one) for one in row.fields]


def field_of(mapped: Any, name: str) -> str:
    column = mapped.__table__.c.get(name)
    return column.info.get("code", "") if column is not None else ""


def codes_of(mapped: Any, name: str) -> str | None:
    """The code list of the column's field, if it has one."""
    field, table = field_of(mapped, name), TABLES[mapped]
    known = {one.name: one for one in standard.fields(table)}
    return known[field].codes if field in known else None


def label_of(mapped: Any, name: str) -> str:
    field = field_of(mapped, name)
    if field in LABELS:
        return _(LABELS[field])
    if name in UNCODED:
        return _(UNCODED[name])
    known = {one.name: one.title for one in standard.fields(TABLES[mapped])}
    return known.get(field, field or name)


def state_tag(state: str) -> tuple[str, str]:
    """(words, tone) of a contract's or a certificate's state."""
    words, tone = STATES.get(state, (state, "grey"))
    return _(words), tone


def kind_words(kind: str) -> str:
    return _(KINDS[kind])


def change_words(change: Change) -> str:
    """承包合同变更，权证设立 ... as the head of what follows."""
    what = kind_words(change.kind)
    match change.act:
        case "began":
            return _("%(what)s设立", what=what)
        case "ended":
            return _("%(what)s终止", what=what)
        case "same":
            return _("%(what)s重新记载，内容没有变化", what=what)
    return _("%(what)s变更", what=what)


def row_words(row: RowChange) -> str:
    if row.what == "member":
        words = {"came": _("增加成员"), "went": _("减少成员"), "changed": _("成员信息变更")}
        return words[row.act]
    words = {"came": _("地块写入合同"), "went": _("地块移出合同"), "changed": _("合同地块变更")}
    return words[row.act]


def moment_title(moment: Moment) -> str:
    """What the act did, in a few words: 户的分合；承包方终止、承包合同终止."""
    words = []
    for kind in dict.fromkeys(kin.kind for kin in moment.kin):
        words.append(_("地块的分割合并") if kind == "parcel" else _("户的分合"))
    words += [change_words(change) for change in moment.changes if change.act != "same"]
    return _("、").join(dict.fromkeys(words)) or _("重新记载，内容没有变化")


def cause_words(moment: Moment) -> str:
    """办件 9901…, 导入成果包 3."""
    cause = _(CAUSES[moment.cause]) if moment.cause in CAUSES else moment.cause
    return f"{cause} {moment.ref}".strip() or _("原因未记载")


def block_words(kind: str) -> str:
    return _(BLOCKS[kind]) if kind in BLOCKS else kind


def cause_named(cause: str, ref: str) -> str:
    return f"{_(CAUSES[cause]) if cause in CAUSES else cause} {ref}"


def code_label(list_id: str, code: str | None) -> str:
    return label(list_id, code, lang())


def day_before(day: date) -> date:
    return day - timedelta(days=1)


def sides(parcel: Any) -> str:
    """四至, in the reader's language."""
    said = (
        (_("东至"), parcel.east),
        (_("南至"), parcel.south),
        (_("西至"), parcel.west),
        (_("北至"), parcel.north),
    )
    return _("，").join(f"{side}{what}" for side, what in said if what)


def row_facts(said: Words, row: t.ContractedParcel) -> list[Fact]:
    """What a contract says of one of its parcels."""
    return [said.fact(row, name, value) for name, value in facts(row).items() if value not in (None, "")]


def transfer_words(kind: str, value: str | None) -> str:
    """Of a transfer or guarantee: its way, state, who takes the land, why it ended."""
    lists: dict[str, Any] = {
        "way": WAYS,
        "state": TRANSFER_STATES,
        "recipient": RECIPIENTS,
        "ground": GROUNDS,
        "side": SIDES,
    }
    return in_words(lists[kind].get(value, value)) if value else "—"
