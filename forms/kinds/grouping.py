"""group, members, signatures, survey_parcels and new_parcels: rows of fields. note: words only.

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


LAND_USES = (  # GB/T 21010-2007, those that are let out for farming
    Option("011", Text("水田", "Paddy field")),
    Option("012", Text("水浇地", "Irrigated field")),
    Option("013", Text("旱地", "Dry field")),
    Option("021", Text("果园", "Orchard")),
    Option("022", Text("茶园", "Tea garden")),
    Option("023", Text("其他园地", "Other garden land")),
    Option("031", Text("有林地", "Woodland")),
    Option("033", Text("其他林地", "Other forest land")),
    Option("041", Text("天然牧草地", "Natural pasture")),
    Option("042", Text("人工牧草地", "Sown pasture")),
    Option("114", Text("坑塘水面", "Pond")),
    Option("122", Text("设施农用地", "Land of farm facilities")),
)
GRADES = tuple(  # C.8, best first
    Option(f"{n:02d}", Text(f"{word}等", f"Grade {n}")) for n, word in enumerate("一二三四五六七八九十", 1)
)
USES = (  # C.9
    Option("1", Text("种植业", "Crops")),
    Option("2", Text("林业", "Forestry")),
    Option("3", Text("畜牧业", "Livestock")),
    Option("4", Text("渔业", "Fishery")),
)
YES_OR_NO = (Option("1", Text("是", "Yes")), Option("2", Text("否", "No")))


def new_parcels() -> tuple[Field, ...]:
    """Land that the register does not have yet, one row a parcel; its code is given when the form is handed in."""
    return (
        Field("name", "text", Text("地块名称", "Parcel name"), required=True, max_length=50),
        Field(
            "geometry",
            "shape",
            Text("界址点坐标", "Corner coordinates"),
            required=True,
            hint=Text(
                "每行一个界址点“X,Y”（CGCS2000 3 度带，米），或粘贴 GeoJSON、WKT；也可上传文件",
                "One corner “X,Y” per line (CGCS2000 3-degree zone, m), or GeoJSON or WKT; or upload a file",
            ),
        ),
        Field(
            "east",
            "text",
            Text("东至", "East"),
            max_length=60,
            hint=Text(
                "四至不填的，按相邻地块的承包方填写",
                "Sides left empty are filled in with who holds the adjoining land",
            ),
        ),
        Field("south", "text", Text("南至", "South"), max_length=60),
        Field("west", "text", Text("西至", "West"), max_length=60),
        Field("north", "text", Text("北至", "North"), max_length=60),
        Field("land_use", "choice", Text("土地利用类型", "Land use"), options=LAND_USES),
        Field("grade", "choice", Text("地力等级", "Grade"), options=GRADES),
        Field(
            "basic_farmland", "choice", Text("永久基本农田", "Permanent basic farmland"), options=YES_OR_NO
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
        Field("signed_on", "date", Text("签字日期", "Signed on"), not_after="today"),
    )


READY = {
    "members": members,
    "survey_parcels": survey_parcels,
    "new_parcels": new_parcels,
    "signatures": signatures,
}
