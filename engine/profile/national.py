"""Numbers that a state gave a person, told by their checksums."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol

# Country and number, as python-stdnum's modules: only those with a checksum.
SCHEMES = (
    *("at.vnr", "au.tfn", "be.nn", "bg.egn", "br.cpf", "ca.sin", "ch.ssn", "cl.rut"),
    *("cn.ric", "cz.rc", "de.idnr", "ee.ik", "es.dni", "es.nie", "fi.hetu", "fr.nir"),
    *("gb.nhs", "hr.oib", "il.idnr", "in_.aadhaar", "it.codicefiscale", "kr.rrn"),
    *("lt.asmens", "mx.curp", "nl.bsn", "no.fodselsnummer", "pl.pesel"),
    *("pt.cc", "ro.cnp", "se.personnummer", "tr.tckimlik", "za.idnr"),
)
_FIRST = 40  # values that every scheme is tried on
_LIKELY = 0.5
_SHAPE = re.compile(
    r"(?=(?:.*\d){7})[A-Z0-9][A-Z0-9 ./+-]{6,22}[A-Z0-9]", re.IGNORECASE
)


class Scheme(Protocol):
    """One kind of number."""

    def is_valid(self, number: str) -> bool:
        """Whether the number keeps its checksum."""


def scheme_of(values: Sequence[str]) -> str:
    """Return the scheme that most of the first values keep; "" if none is likely."""
    # Evenly spread: the first ones may be odd.
    tried = values[:: max(len(values) // _FIRST, 1)][:_FIRST]
    shaped = [each for each in tried if _SHAPE.fullmatch(each)]
    if not shaped or len(shaped) < _LIKELY * len(tried):
        return ""
    counts = {name: sum(keeps(name, each) for each in shaped) for name in SCHEMES}
    best = max(SCHEMES, key=lambda name: counts[name])
    return best if counts[best] >= _LIKELY * len(tried) else ""


def keeps(scheme: str, text: str) -> bool:
    """Whether a text is a number of the scheme."""
    # Some schemes take a shorter number than people write, and fill it up.
    return bool(_SHAPE.fullmatch(text)) and _loaded(scheme).is_valid(text)


def country_of(scheme: str) -> str:
    """Return the code of the country, such as DE."""
    return scheme.split(".")[0].strip("_").upper()


@lru_cache(maxsize=len(SCHEMES))
def _loaded(scheme: str) -> Scheme:
    # Few tables hold such numbers, so no profile loads all of them beforehand.
    module: Scheme = import_module(f"stdnum.{scheme}")
    return module
