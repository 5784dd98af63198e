"""How names decline: rules checked by hand, as tables of endings.

In: the nominative and the name's declension (``goldens/names.tsv``). Out: its distinct forms.
"""

from __future__ import annotations

from pathlib import Path

SIBILANTS = "жшщчц"
VELARS = "гкхжшщч"


def names() -> list[tuple[str, str]]:
    """List declensions with the nominatives of unknown names."""
    rows = Path(__file__).with_name("goldens").joinpath("names.tsv").read_text(encoding="utf-8")
    table = [row.split("\t") for row in rows.splitlines() if not row.startswith("#")]
    return [(kind, name) for kind, row in table for name in row.split()]


def forms(kind: str, name: str) -> list[str]:
    """Decline a name."""
    stem, endings = _declension(kind, name)
    declined = (stem + ending.strip("∅") for ending in endings.split())
    return list(dict.fromkeys([name, *declined]))


def _declension(kind: str, name: str) -> tuple[str, str]:
    soft = name[-1] in SIBILANTS
    match kind:
        case "surname":
            return name, "а у ым е ой ы ых ыми"
        case "foreign" | "place":
            return name, f"а у {'ем' if soft else 'ом'} е"
        case "adjective":
            return name[:-2], "ого ому им ом ая ой ую ие их ими"
        case "soft" | "jot":
            return name[:-1], "я ю ем е"
        case "feminine":
            return name[:-1], _feminine(name[-2])
        case "feminine_soft":
            return name[:-1], "и ю ей" if name[-2] == "и" else "и е ю ей"
        case "neuter":
            return name[:-1], "а у ом е"
        case "plural":
            return name[:-1], "∅ ам ами ах"
        case _:
            return _without_vowel(name), "а у ем е"


def _feminine(last: str) -> str:
    return f"{'и' if last in VELARS else 'ы'} е у {'ей' if last in SIBILANTS else 'ой'}"


def _without_vowel(name: str) -> str:
    return name[:-2] + ("йц" if name[-3] in "аеиоуя" else "ц")
