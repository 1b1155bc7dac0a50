"""Households: who lives together, how they are related, and identity numbers that check.

Numbers follow GB 11643: the (invented) county prefix, the birth date, a sequence whose last digit is odd for
men and even for women, and the check character of ISO 7064 MOD 11-2.
"""

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from stdnum.iso7064 import mod_11_2

from engine.exchange.demo import names
from engine.exchange.demo.settings import COUNTY, EDITION_DATE


@dataclass(frozen=True)
class Person:
    """One member; `relation` by GB/T 4761, `remark` by C.18, `co_owner` by C.19."""

    name: str
    sex: str
    born: dt.date
    number: str
    relation: str
    remark: str | None = None
    note: str | None = None
    co_owner: str = "1"


@dataclass
class Registrar:
    """Hands out identity numbers, each once."""

    random: Random
    _used: dict[str, int] = field(default_factory=dict)

    def number(self, born: dt.date, sex: str, *, local: bool) -> str:
        """An unused number; people from outside carry another invented county's prefix."""
        prefix = COUNTY[0] if local else self.random.choice(("990102", "990103", "990121", "990205"))
        stem = f"{prefix}{born:%Y%m%d}"
        turn = self._used.get(stem + sex, 0)
        self._used[stem + sex] = turn + 1
        sequence = (2 * turn + (1 if sex == "1" else 2)) % 1000
        body = f"{stem}{sequence:03d}"
        return body + mod_11_2.calc_check_digit(body)


def make_household(random: Random, registrar: Registrar, surname: str) -> tuple[Person, ...]:
    """A head (02) and those who live with them, about 3.9 people on average."""
    return tuple(_Household(random, registrar, surname).people())


class _Household:
    def __init__(self, random: Random, registrar: Registrar, surname: str):
        self.random, self.registrar, self.surname = random, registrar, surname
        self.sons = self.daughters = 0

    def people(self) -> list[Person]:
        """Head, spouse, parents, children with their own families, in the order of the household book."""
        random = self.random
        age = min(84, max(27, int(random.gauss(54, 11))))
        sex = "1" if random.random() < 0.88 else "2"
        head = self._person(sex, age, "02", head=True)
        people = [head]
        if random.random() < 0.9:
            people.append(
                self._person(_other(sex), age + random.randint(-5, 3), "12" if sex == "1" else "11")
            )
        if age < 62 and random.random() < 0.3:
            people += self._parents(sex, age)
        ages = (max(0, age - random.randint(21, 31)) for _ in range(self._children(age)))
        for child_age in sorted(ages, reverse=True):
            people += self._child(child_age)
        return people

    def _children(self, age: int) -> int:
        return self.random.choices(
            (0, 1, 2, 3), (0.06, 0.38, 0.44, 0.12) if age >= 30 else (0.4, 0.4, 0.2, 0)
        )[0]

    def _parents(self, sex: str, age: int) -> list[Person]:
        older = age + self.random.randint(21, 29)
        father, mother = ("51", "52") if sex == "1" else ("53", "54")
        people = []
        if older < 90 and self.random.random() < 0.5:
            people.append(self._person("1", older, father))
        if older < 92 and self.random.random() < 0.75:
            people.append(self._person("2", older - 2, mother))
        return people

    def _child(self, age: int) -> list[Person]:
        random = self.random
        sex = "1" if random.random() < 0.52 else "2"
        if sex == "1":
            self.sons += 1
            relation = ("22", "23", "24", "25")[self.sons - 1]
            people = [self._grown(sex, age, relation)]
            if age >= 26 and random.random() < 0.45:
                people.append(self._person("2", age - random.randint(-2, 4), "38"))
                if random.random() < 0.7:
                    grandchild = random.choice("12")
                    people.append(self._minor(grandchild, age, "41" if grandchild == "1" else "42"))
            return people
        self.daughters += 1
        relation = ("32", "33", "34", "35")[self.daughters - 1]
        if age >= 24 and random.random() < 0.35:
            if random.random() < 0.12:
                husband = self._person("1", age + random.randint(-2, 4), "28", "2", "入赘")
                return [self._person("2", age, relation), husband]
            year = EDITION_DATE.year - age + random.randint(21, 24)
            return [
                self._person("2", age, relation, "1", f"{year}年外嫁", "2" if random.random() < 0.4 else "1")
            ]
        return [self._grown(sex, age, relation)]

    def _grown(self, sex: str, age: int, relation: str) -> Person:
        draw = self.random.random()
        if 18 <= age <= 23 and draw < 0.4:
            return self._person(sex, age, relation, "3", "在校大学生")
        if 18 <= age <= 30 and sex == "1" and draw > 0.95:
            return self._person(sex, age, relation, "5", "服役")
        if 24 <= age <= 50 and draw > 0.97:
            return self._person(sex, age, relation, "4", "国家公职人员")
        return self._person(sex, age, relation)

    def _minor(self, sex: str, parent_age: int, relation: str) -> Person:
        age = max(0, parent_age - self.random.randint(22, 29))
        if age <= 1:
            return self._person(sex, age, relation, "6", "新生儿")
        return self._person(sex, age, relation)

    def _person(
        self,
        sex: str,
        age: int,
        relation: str,
        remark: str | None = None,
        note: str | None = None,
        co_owner: str = "1",
        *,
        head: bool = False,
    ) -> Person:
        born = EDITION_DATE - dt.timedelta(days=int(max(age, 0) * 365.25) + self.random.randint(1, 364))
        from_outside = relation in ("12", "11", "38", "28", "52", "54")
        surname = names.surname(self.random) if from_outside else self.surname
        name = surname + names.given(self.random, sex, born.year, head=head)
        number = self.registrar.number(born, sex, local=not from_outside or self.random.random() < 0.7)
        return Person(name, sex, born, number, relation, remark, note, co_owner)


def _other(sex: str) -> str:
    return "2" if sex == "1" else "1"


def phone(random: Random) -> str:
    """Eleven digits in the form of a mobile number, in a range (154) that no operator has been given."""
    return f"154{random.randrange(10**8):08d}"
