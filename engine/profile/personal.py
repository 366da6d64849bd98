"""Columns that look personal, by their values and by their names.

A name alone proves nothing, so what only a name suggests is said to be so. Examples
are shapes of values, never the values.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from engine.profile.columns import Column, label
from engine.profile.national import country_of, keeps, scheme_of
from engine.profile.result import PersonalColumn, PersonalKind

# Distinct values looked at; above it a fixed sample, evenly spread over all of them.
TESTED = 1000
EXAMPLES = 3
LEAST_MATCHES = 3
LEAST_OF_SCHEME = 10  # one number in ten keeps a checksum by chance
_EXAMPLE_CHARS = 32
_MOST_CHARS = 500  # of a value that are read


def find_personal(columns: Iterable[Column]) -> tuple[PersonalColumn, ...]:
    """Return the columns that look personal, in the table's order."""
    found = (_look(column) for column in columns)
    return tuple(each for each in found if each is not None)


def _look(column: Column) -> PersonalColumn | None:
    values = _values(column)
    if not values:
        return None
    tokens = tokens_of(column.name)
    for rule in RULES:
        if column.kind in rule.kinds:
            found = _by_rule(rule, column, values, tokens)
            if found is not None:
                return found
    return None


def _by_rule(
    rule: "Rule", column: Column, values: Sequence[str], tokens: Sequence[str]
) -> PersonalColumn | None:
    scheme = scheme_of(values) if rule.has_scheme else ""
    holds = partial(keeps, scheme) if scheme else rule.holds
    matched = [each for each in values if holds(each)] if holds else []
    share = len(matched) / len(values) if holds else None
    is_named = bool(rule.named and rule.named(tokens))
    distinct = len(column.counts)
    least = LEAST_OF_SCHEME if scheme else LEAST_MATCHES
    by_values = len(matched) >= least and (share or 0) >= rule.alone_from
    by_name = is_named and distinct >= rule.least_distinct
    if share is not None and share < rule.named_from:
        by_name = False
    if rule.is_identifier and distinct < column.counts.sum() / 2:
        by_name = False
    if not (by_values or by_name):
        return None
    shapes = dict.fromkeys(mask(each) for each in matched)
    return PersonalColumn(
        column=column.name,
        kind=rule.kind,
        by_values=by_values,
        share=share,
        tested=len(values),
        exact=len(values) == distinct,
        examples=tuple(shapes)[:EXAMPLES],
        scheme=country_of(scheme),
    )


def _values(column: Column) -> list[str]:
    """Return at most `TESTED` different values, evenly spread, as text."""
    distinct = len(column.counts)
    chosen = np.arange(distinct)
    if distinct > TESTED:
        chosen = np.linspace(0, distinct - 1, TESTED).astype(np.int64)
    if column.values is not None:
        return [label(column.values[each], column.kind) for each in chosen]
    if column.words is None:
        return []
    words = column.words.gather(chosen).str.slice(0, 2 * _MOST_CHARS).to_list()
    return [word.strip()[:_MOST_CHARS] for word in words]


def tokens_of(name: str) -> list[str]:
    """Return the words of a column's name: `customerID`, `customer_id` give the same."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [each for each in re.split(r"[^a-z0-9à-ÿ]+", parted.lower()) if each]


def mask(value: str) -> str:
    """Return the shape of a value: a dot for each letter and digit."""
    return re.sub(r"\w", "•", value[:_EXAMPLE_CHARS])


# -- values


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN: ISO 13616 with its checksum of ISO 7064, mod 97."""
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", plain):
        return False
    digits = "".join(str(int(each, 36)) for each in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def is_card(text: str) -> bool:
    """Whether a text is the number of a payment card: its digits and Luhn's check."""
    plain = text.replace(" ", "").replace("-", "")
    # 2 to 6 begin the numbers of cards; the rest are other industries'.
    if not _CARD.fullmatch(plain):
        return False
    doubled = [int(each) * 2 for each in plain[-2::-2]]
    total = sum(each - 9 if each > 9 else each for each in doubled)
    return (total + sum(int(each) for each in plain[-1::-2])) % 10 == 0


def is_ip(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address."""
    if "." not in text and text.count(":") < 2:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def has_email(text: str) -> bool:
    """Whether a text is, or holds, an e-mail address."""
    return bool(_EMAIL.search(text))


def is_phone(text: str) -> bool:
    """Whether a text may be a telephone number, as people write it."""
    return bool(_PHONE.fullmatch(text.translate(_BETWEEN)))


def is_world_phone(text: str) -> bool:
    """Whether a text is a telephone number that its country's plan has."""
    if not (text.startswith("+") and is_phone(text)):
        return False
    # The plans of all countries take a while to load, and few tables need them.
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def is_name(text: str) -> bool:
    """Whether a text may be the name of a person: up to five capitalised words."""
    return bool(_NAME.fullmatch(text))


def is_address(text: str) -> bool:
    """Whether a text may be a street and a number."""
    return bool(_ADDRESS.fullmatch(text))


_CARD = re.compile("[2-6][0-9]{12,18}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN = str.maketrans("", "", " ()./-")  # the digits of a telephone number
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z]{2,24}(?![\w-])",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_](?:[^\W\d_]|['’.-])*"
_NAME = re.compile(rf"(?=[^a-z]){_WORD}(?:,? {_WORD}){{0,4}}")
_ADDRESS = re.compile(r"(?=.*[^\W\d_]{3})(?=.*\d)[\w\s.,'’/#-]{6,120}")


# -- names of columns


def _any(*words: str, whole: str = "") -> Callable[[Sequence[str]], bool]:
    """Return whether a word, or a pair such as "first name", is in a column's name.

    `whole` counts only as all of the name: a product has a name too. A name in another
    script than Latin has no word that is known here, and says nothing.
    """
    wanted = {tuple(each.split()) for each in words}

    def named(tokens: Sequence[str]) -> bool:
        if not tokens:
            return False
        pairs = pairwise(tokens)
        found = {*((each,) for each in tokens), *pairs, ("".join(tokens),)}
        return bool(wanted & found) or "".join(tokens) == whole

    return named


def _is_age(tokens: Sequence[str]) -> bool:
    """Whether it is the age of a person, and not of a contract or a machine."""
    if _any("senior", "age group", "age band", "birth year")(tokens):
        return True
    return tokens[:1] == ["age"] or (tokens[1:] == ["age"] and tokens[0] in _PEOPLE)


def _is_person_id(tokens: Sequence[str]) -> bool:
    joined = "".join(tokens)
    return any(
        joined.startswith(person) and joined.removeprefix(person) in _IDS
        for person in _PEOPLE
    )


_PEOPLE = (
    *("customer", "client", "user", "patient", "employee", "member", "person"),
    *("subscriber", "passenger", "student", "applicant", "citizen", "tenant"),
)
_IDS = {"id", "no", "nr", "number", "key", "uuid", "code"}


@dataclass(frozen=True)
class Rule:
    """How one kind of personal data is seen."""

    kind: PersonalKind
    kinds: frozenset[str]  # of columns it is looked for in
    holds: Callable[[str], bool] | None = None  # for one value
    alone_from: float = 2.0  # share of matches that needs no telling name; 2: never
    named: Callable[[Sequence[str]], bool] | None = None
    named_from: float = 0.0  # share of matches that a telling name needs
    least_distinct: int = 1
    is_identifier: bool = False  # most rows have a value of their own
    has_scheme: bool = False  # values may keep the checksum of a country's numbers


_TEXT = frozenset({"text"})
_WRITTEN = frozenset({"text", "integer"})
_DATES = frozenset({"text", "date", "datetime"})
_ALL = frozenset({"text", "integer", "number", "boolean"})
# The first that fits counts: checksums and patterns before mere names.
RULES: tuple[Rule, ...] = (
    Rule("email", _TEXT, has_email, 0.05),
    Rule("iban", _TEXT, is_iban, 0.05),
    # One number in ten passes Luhn's check by chance.
    Rule("card", _WRITTEN, is_card, 0.5),
    Rule("ip", _TEXT, is_ip, 0.5),
    Rule("phone", _TEXT, is_world_phone, 0.5),
    Rule(
        "phone",
        _WRITTEN,
        is_phone,
        named=_any("phone", "telephone", "tel", "mobile", "fax", "handy", "telefon"),
        named_from=0.5,
        least_distinct=3,
    ),
    Rule(
        "national_id",
        _WRITTEN,
        alone_from=0.9,
        has_scheme=True,
        named=_any(
            *("ssn", "passport", "nino", "cpf", "bsn", "nif", "national id"),
            *("social security", "tax id", "tax number", "identity card"),
        ),
        is_identifier=True,
    ),
    Rule("person_id", _WRITTEN, named=_is_person_id, is_identifier=True),
    Rule(
        "name",
        _TEXT,
        is_name,
        named=_any(
            *("surname", "forename", "vorname", "nachname", "firstname", "lastname"),
            *("first name", "last name", "full name", "given name", "family name"),
            *("middle name", "customer name", "client name", "patient name"),
            *("user name", "employee name", "contact name", "fullname"),
            whole="name",
        ),
        named_from=0.5,
        least_distinct=3,
    ),
    Rule(
        "address",
        _TEXT,
        is_address,
        named=_any("address", "street", "adresse", "strasse", "straße"),
        named_from=0.5,
        least_distinct=3,
    ),
    Rule(
        "birth_date",
        _DATES,
        named=_any(
            *("birthday", "birthdate", "birth date", "date of birth", "dob", "born"),
            *("geburtsdatum", "of birth", "birth day"),
        ),
    ),
    Rule("gender", _ALL, named=_any("gender", "sex", "female", "male")),
    Rule("age", _ALL, named=_is_age),
    Rule(
        "origin",
        _ALL,
        named=_any("race", "ethnicity", "ethnic", "nationality", "citizenship"),
    ),
    Rule("belief", _ALL, named=_any("religion", "political party", "trade union")),
    Rule("health", _ALL, named=_any("disability", "diagnosis", "pregnant", "smoker")),
    Rule("family", _ALL, named=_any("marital", "married", "spouse", "children")),
)
