"""Parsing: an article's title and text go in, the code of its language comes out."""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from searchsvc.parsing.cleaning import words

DEFAULT = "ru"
RULE_SAMPLE = 300
SAMPLE = 600
"""Characters that the rule for Russian and the model look at: two and four sentences."""

# What news in this part of the world is written in; of all 97 languages of the model, the rest
# only gives wrong answers for short texts.
_LANGUAGES = words(
    "ru uk be bg kk ky mk sr mn en de fr es it pt pl cs sk sl hr ro hu lt lv et fi sv no da nl "
    "tr az el he ar fa hy ka zh ja ko vi id hi"
)

_CYRILLIC = re.compile("[а-яёіїєґўәғқңөұүһјљњћђџѓќѕҳҷӣӯѐѝ]")
_RUSSIAN_ONLY = re.compile("[ыэё]")
_FOREIGN = re.compile("[іїєґўәғқңөұүһјљњћђџѓќѕҳҷӣӯӑӗҫӳѐѝҡҙӏ]")
_LATIN = re.compile("[a-z]")
# «Автомобиль»: Bulgarian has «ь» before «о» only, Serbian and Macedonian none.
_EASTERN = re.compile("[ыэё]|ь(?!о)")
_RUSSIAN_WORDS = words(
    "и в на что не с по как из для его от это к был при за до того также который которые "
    "году года сообщает об о со или она они после"
)
# What Bulgarian and Macedonian, which lack «ы», «э» and «ё» as well, do not have.
_TELLING_WORDS = words(
    "что для это был также который которые году года сообщает она они его их только уже лет будет "
    "может если когда где сейчас нет чем теперь рублей человек"
)
_ENGLISH_WORDS = words("the of and is to")
_SOUTHERN_WORDS = words("се са със това")
USUAL = ("в", "на", "и", "с", "по", "что", "не", "из")
UNUSUAL = tuple(sorted(_ENGLISH_WORDS | _SOUTHERN_WORDS))
TELLING = "ыэё"
_USUAL, _UNUSUAL = (tuple(f" {word} " for word in words) for words in (USUAL, UNUSUAL))
# What one language alone has here, for texts too short for the model: «ъ» that softens nothing
# is Bulgarian («Кметът»). Of 141,180 Russian headlines the model takes 460 for other languages.
_TELLTALES = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("uk", "[їєґ]"),
        ("be", "ў"),
        ("kk", "[әғқұ]"),
        ("mk", "[ѓќѕ]"),
        ("sr", "[јљњћђџ]"),
        ("bg", "ъ(?![еёюяиe])"),
    )
)
_OUTWEIGHED = 2
"""Different Russian words for each English one; of 60,000 articles of four Russian sources the
model was asked about 1,018 with none, about some 100 with two, and gave the same answers."""
_STRAY, _QUOTED = 0.01, 2.5
"""Letters of other languages in Cyrillic and Latin ones for each Cyrillic one, at most, in what is
mostly Russian."""
_SHORT_CYRILLIC = 160
_SHORT = 40


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language; ``ru`` where there is nothing to tell by."""
    if _is_plainly_russian(text[:RULE_SAMPLE].lower()):
        return DEFAULT
    sample = text[:SAMPLE].lower()
    if _is_plainly_russian(sample) or _is_mostly_russian(sample):
        return DEFAULT
    return _by_letters(sample) or _by_model(sample)


def _is_plainly_russian(sample: str) -> bool:
    """Tell Russian by letters and words; it may name «The Beatles» among many Russian words."""
    if _FOREIGN.search(sample):
        return False
    said = set(sample.split())
    if not _RUSSIAN_ONLY.search(sample) and said.isdisjoint(_TELLING_WORDS):
        return False
    russian = len(said & _RUSSIAN_WORDS)
    english = len(said & _ENGLISH_WORDS)
    return russian > _OUTWEIGHED * english and said.isdisjoint(_SOUTHERN_WORDS)


def _is_mostly_russian(sample: str) -> bool:
    """Tell Russian that speaks of «Miles Davis and Milt Jackson», or by no telling word.

    The model takes half a second to load; of 12,000 headlines and texts of which this was true,
    it took all for Russian too.
    """
    said = set(sample.split())
    russian = len(said & _RUSSIAN_WORDS)
    if not russian or not said.isdisjoint(_SOUTHERN_WORDS) or not _EASTERN.search(sample):
        return False
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if len(_FOREIGN.findall(sample)) > _STRAY * cyrillic or latin > _QUOTED * cyrillic:
        return False
    return cyrillic >= latin or russian >= len(said & _ENGLISH_WORDS)


def says_russian(title: str, text: str) -> bool:
    """Tell that ``language_of`` would find Russian, where no letter is of another language.

    Both have spaces and line feeds only between words. Looks for the words that most news have:
    no answer means nothing.
    """
    sample = f" {title} {text[:RULE_SAMPLE]}"[: RULE_SAMPLE + 1].lower().replace("\n", " ")
    has = f"{sample} ".__contains__
    return any(map(has, TELLING)) and any(map(has, _USUAL)) and not any(map(has, _UNUSUAL))


def _by_letters(sample: str) -> str:
    """Decide what is too short for the model, or has no letters at all."""
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return DEFAULT
    cyrillic = len(_CYRILLIC.findall(sample))
    if 2 * cyrillic > letters and letters < _SHORT_CYRILLIC:
        found = (code for code, pattern in _TELLTALES if pattern.search(sample))
        return next(found, DEFAULT)
    if letters >= _SHORT:
        return ""
    return DEFAULT if cyrillic else ("en" if sample.isascii() else "")


def _by_model(sample: str) -> str:
    language, _ = _identifier().classify(sample)
    return str(language)


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(sorted(_LANGUAGES))
    return identifier
