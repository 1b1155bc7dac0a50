"""group, members, signatures and survey_parcels: rows of fields. note: words only.

Relation codes are GB/T 4761 (the ones people choose at a counter; others reach the register by import).
"""

from forms.spec import Field, Option
from forms.text import Text

RELATIONS = (
    Option("02", Text("户主", "Head of household")),
    Option("10", Text("配偶", "Spouse")),
    Option("20", Text("子", "Son")),
    Option("30", Text("女", "Daughter")),
    Option("28", Text("女婿", "Son-in-law")),
    Option("38", Text("儿媳", "Daughter-in-law")),
    Option("40", Text("孙子、孙女或外孙子、外孙女", "Grandchild")),
    Option("50", Text("父母", "Parent")),
    Option("60", Text("祖父母或外祖父母", "Grandparent")),
    Option("70", Text("兄弟姐妹", "Brother or sister")),
    Option("97", Text("其他亲属", "Other relative")),
    Option("99", Text("非亲属", "Not related")),
)


def never(value: object, asked: Field) -> object:
    raise AssertionError(f"{asked.kind} has fields of its own")


def openapi(asked: Field) -> dict[str, object]:
    return {}


def members() -> tuple[Field, ...]:
    """Members of a household: name, relation to its head, identity number, remark."""
    return (
        Field("name", "text", Text("姓名", "Name"), required=True, max_length=50, autocomplete="off"),
        Field("relation", "choice", Text("与户主关系", "Relation to head"), required=True, options=RELATIONS),
        Field("id_number", "id_number", Text("身份证号", "Identity number")),
        Field("note", "text", Text("备注", "Remark"), max_length=100),
    )


def survey_parcels() -> tuple[Field, ...]:
    """What a surveyor measured: one row per parcel, with its boundary where one was taken."""
    return (
        Field(
            "code",
            "text",
            Text("地块编码", "Parcel code"),
            required=True,
            max_length=19,
            pattern=r"[0-9]{14,19}",
        ),
        Field(
            "area_m2",
            "area_m2",
            Text("实测面积", "Measured area"),
            required=True,
            min="0.01",
            unit=Text("平方米", "m²"),
        ),
        Field(
            "geometry",
            "shape",
            Text("界址点坐标", "Corner coordinates"),
            hint=Text(
                "每行一个界址点“X,Y”（CGCS2000 3 度带，米），或粘贴 GeoJSON、WKT；也可上传文件",
                "One corner “X,Y” per line (CGCS2000 3-degree zone, m), or GeoJSON or WKT; or upload a file",
            ),
        ),
        Field("note", "text", Text("测量说明", "Surveyor's remark"), max_length=200),
    )


SIGNED = (
    Option("agrees", Text("同意，已签字或按手印", "Agrees, has signed or thumb-printed")),
    Option("agent", Text("同意，由代理人持委托书签字", "Agrees, an agent with a mandate has signed")),
    Option("guardian", Text("未成年，由监护人签字", "Under age, a guardian has signed")),
    Option("refuses", Text("不同意", "Does not agree")),
    Option("absent", Text("没有签字", "Has not signed")),
)


def signatures() -> tuple[Field, ...]:
    """Who must agree, one row each: the person, how they signed, and on which day."""
    return (
        Field("name", "text", Text("姓名", "Name"), required=True, max_length=120),
        Field("household", "text", Text("所在户", "Household"), max_length=60),
        Field("signed", "choice", Text("签字情况", "Signature"), required=True, options=SIGNED),
        Field("signed_on", "date", Text("签字日期", "Signed on")),
    )


READY = {"members": members, "survey_parcels": survey_parcels, "signatures": signatures}
