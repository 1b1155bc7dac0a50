"""Surveying firms that a county gives surveys to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division

_schema: Any = {"schema": OPERATIONAL}


class SurveyFirm(Base):
    """测绘单位, with its qualification. ``code`` is the scope of those who work for it: they see what it was given."""

    __tablename__ = "survey_firms"
    __table_args__ = (UniqueConstraint("county", "credit_code"), _schema)
    county: Mapped[CountyCode]
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)  # county, F, three digits
    division: Mapped[Division]  # the county
    name: Mapped[str]
    credit_code: Mapped[str] = mapped_column(CodeText)  # 统一社会信用代码, 18 characters
    grade: Mapped[int]  # of the qualification: 1 甲级, 2 乙级
    certificate: Mapped[str]  # number of the qualification certificate 测绘资质证书
    valid_from: Mapped[date]
    valid_to: Mapped[date]  # last day
    contact: Mapped[str]
    phone: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))  # the county still gives it work
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
