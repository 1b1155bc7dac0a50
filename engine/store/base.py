"""The one metadata of all tables, and the column kinds that they share.

Every row of business data carries the code of the county it was set up under, and the code leads every
primary key, unique constraint and foreign key (docs/ARCHITECTURE.md, "Everything belongs to a county").
A column that the standard NY/T 2539 names carries that name in ``info["code"]``.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    Date,
    DateTime,
    Identity,
    MetaData,
    Numeric,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

REFERENCE = "reference"  # shared by all counties: divisions, people, published versions
OPERATIONAL = "operational"  # 运行库: the register and the cases
VAULT = "vault"  # 保密库: survey masters
QUERY = "query"  # 查询库: what the public may see, masked and generalised
PORTAL = "portal"  # the applicants' side; its role can read nothing else

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CodeText = Text(collation="C")  # codes compare bytewise, so a prefix is a range of an index


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text,
        Decimal: Numeric(15, 2),
        date: Date,
        UUID: Uuid,
        int: BigInteger,
    }


CountyCode = Annotated[str, mapped_column(CHAR(6), primary_key=True)]
RowId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Division = Annotated[str, mapped_column(CodeText, index=True)]


def coded(code: str, *args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that the standard names: ``coded("FBFMC")``."""
    return mapped_column(*args, info={"code": code}, **options)
