"""Parsing pages: what stands around and inside a body without being part of it is told here.

Elements are known by their names and by the words of their classes, paragraphs by how they
begin and by how much of them is links. No rule names a site.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import Tag

from searchsvc.parsing.dates import find_date
from searchsvc.parsing.markup import Block, attribute, naming_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TAGS = frozenset(
    """
    script style template noscript nav aside form button input select textarea figure
    figcaption picture iframe object embed svg math canvas video audio footer menu
    dialog head map related slideshow collage anchor address amp-ad amp-carousel amp-
    iframe amp-sidebar amp-social-share amp-sticky-ad amp-video amp-youtube amp-consent
    amp-list
    """.split()  # noqa: SIM905
)
_ROLES = frozenset(
    """
    navigation banner complementary contentinfo dialog search menu menubar toolbar
    """.split()  # noqa: SIM905
)
_WORDS = frozenset(
    # advertising, other stories, readers, about the story, pictures, the site
    """
    ad ads adv advert advertisement advertising adfox adsense banner banners reklama sponsor
    sponsored promo promos promotion teaser teasers partner partners

    related recommend recommended recommendations recommendation similar readalso seealso also
    readmore popular latest trending lenta ticker newsline infinite next prev previous
    sidebar widget widgets informer

    comment comments disqus share sharing shares social socials socialbar soc likes rating ratings
    vote votes poll quiz survey subscribe subscription newsletter mailing donate feedback typo
    mistake orphus login popup modal overlay cookie cookies gdpr consent tooltip

    breadcrumb breadcrumbs crumbs caption captions credit credits copyright tags taglist byline
    author authors meta date datetime rubric category views counter counters toolbar print

    gallery slider slideshow carousel swiper photo photos image images picture pictures video

    nav navigation navbar menu pagination pager pagenav
    """.split()  # noqa: SIM905
)
# sharedaddy, SubscribeBlock, adBanner2, commentlist
_STEMS = (
    "advert", "banner", "breadcrumb", "comment", "cookie", "newsletter", "pagination", "recommend",
    "related", "share", "social", "subscri", "teaser",
)  # fmt: skip
# What may hold most of a page's words and is noise all the same.
_ALWAYS = frozenset(["comment", "comments", "disqus", "infinite", "sidebar"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

_LISTS = re.compile(
    r"(?:[^\w]*)(?:(?:читайте|смотрите|слушайте|см\.|почитать)\s+"
    r"(?:также|ещ[её]|по теме|далее|в тему)"
    r"|(?:материалы|новости|статьи|ещ[её]|публикации|сюжеты?)\s+по\s+теме|по\s+теме\b|в\s+тему\b"
    r"|другие\s+(?:новости|материалы|статьи|публикации)"
    r"|ещ[её]\s+(?:новости|материалы|статьи|по теме)"
    r"|похожие\s+\w+|рекоменду(?:ем|ют)|вам\s+(?:может|будет)\s+\w+|популярн(?:ое|ые)|самое\s+\w+"
    r"|главн(?:ое|ые)\s+(?:за|новости)|не\s+пропустите|что\s+ещ[её]\s+почитать|лента\s+новостей"
    r"|последние\s+новости|новости\s+партн[её]ров|выбор\s+редакции|подробнее\s*:|ранее\s*:|related)",
    re.I,
)
_ENDS = re.compile(
    r"[^\w]*(?:комментари(?:и|ев|я)(?:\s*[(:]?\s*\d*\)?)?\s*\Z|оставить\s+комментарий|обсуждени[ея]\s*\Z|обсудить"
    r"|следующ(?:ая|ий)\s+(?:новость|статья|материал)|читать\s+следующ|предыдущая\s+(?:новость|статья))",
    re.I,
)
_CHANNELS = (
    r"телеграм|telegram|вконтакте|\bvk\b|\bвк\b|дзен|whatsapp|viber|\bmax\b|\bмакс\b|рассылк|канал"
    r"|соцсет|социальных сетях|одноклассник|youtube|rutube|t\.me"
    r"|на нас|нашу? страниц|наши новости|push"
)
_CALLS = re.compile(
    r"[^\w]*(?:подпи\w+|присоединя\w+|следи\w+|читай\w+|смотри\w+|больше|все|вс[её]|ещ[её]|самые|самое"
    r"|оперативн\w+|наш\w*|узнава\w+|будь\w*|получай\w+|главные|хотите|добавляй\w+|новости)\b",
    re.I,
)
_CHANNEL = re.compile(_CHANNELS, re.I)
_LABELS = re.compile(
    r"[^\w]*(?:(?:на\s+)?(?:фото|видео|иллюстрация|изображение|инфографика|скриншот|фотография|снимок|коллаж)"
    r"(?:\s+из\s+архива|\s+автора|графия)?\s*(?:[:©/|]|\Z|[–—-]\s)|источник\s+(?:фото|изображения|видео)"
    r"|©|\(c\)\s|поделит(?:ь|е)с[яь]|распечатать|версия для печати|реклама\b|на\s+правах\s+рекламы"
    r"|рекламодатель|erid|нашли\s+(?:ошибку|опечатку)|(?:за|у)метили\s+(?:ошибку|опечатку|неточность)"
    r"|если\s+вы\s+(?:нашли|заметили)|выделите\s+|ctrl\s*\+|теги\s*:|метки\s*:|ключевые\s+слова\s*:"
    r"|рубрик[аи]\s*:|автор[ыа]?\s*:|текст\s*:|просмотр(?:ов|ы)\b|перепечатка|все\s+права\s+защищены"
    r"|при\s+(?:полном\s+или\s+частичном\s+)?(?:использовании|цитировании|копировании)\s+материалов"
    r"|(?:мы|сайт|этот\s+сайт|наш\s+сайт)\s+использу(?:ем|ет)\s.{0,40}cookie|загрузить\s+ещ[её]|показать\s+ещ[её]"
    r"|(?:читать|смотреть|узнать)\s+(?:далее|полностью|подробнее)|подробнее\s*[»→>.]*\Z|наверх\b"
    r"|опубликовано\s*:|дата\s+публикации|обновлено\s*:|время\s+чтения|на\s+чтение|оцените|ваша\s+оценка"
    r"|соб\.\s*инф|поделитесь|(?:вконтакте|одноклассники|telegram|whatsapp|viber|twitter)\Z"
    r"|\d+\s*(?:просмотр|комментари|мин\.?\s+чтени)|понравил(?:ся|ась)\s+(?:статья|новость|материал))",
    re.I,
)
_CALL_LENGTH = 300
_LABEL_LENGTH = 200
_LINKED = 0.8
"""Share of links from which a paragraph without a full stop is a list of other stories."""
_SENTENCE_END = re.compile(r"[.!?…»\"”)]\s*\Z")
_DATE_ONLY = re.compile(
    r"[\W\d]*(?:сегодня|вчера)?[\W\d]*(?:\d{1,2}\s+[а-я]{3,8}\.?)?(?:\s+\d{4})?(?:\s*г(?:ода|\.)?)?[\W\d]*(?:мск)?[\W\d]*",
    re.I,
)


def prune(root: Tag, *, spare: frozenset[int] = frozenset()) -> None:
    """Take out of a tree what is no text of the article; elements with a spared id() stay.

    An element that only its class speaks against stays if it has half of the tree's words.
    """
    half = _weight(root) / 2
    waiting = [root]
    while waiting:
        for child in list(waiting.pop().children):
            if isinstance(child, Tag):
                if id(child) not in spare and _is_noise(child, half):
                    child.decompose()
                else:
                    waiting.append(child)


def _is_noise(tag: Tag, half: float) -> bool:
    if tag.name in _TAGS or _is_hidden(tag):
        return True
    words = naming_words(tag)
    if words & _ALWAYS:
        return True
    suspect = not words.isdisjoint(_WORDS) or any(word.startswith(_STEMS) for word in words)
    return suspect and _weight(tag) <= half


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or attribute(tag, "aria-hidden") == "true"
        or attribute(tag, "role").lower() in _ROLES
        or (tag.has_attr("style") and _HIDDEN.search(attribute(tag, "style")) is not None)
    )


def _weight(tag: Tag) -> int:
    return sum(map(len, tag.strings))


def sift(blocks: Iterable[Block], title: str) -> Iterator[Block]:
    """Yield the paragraphs of the article: without lists of other stories, calls and labels."""
    in_list = False
    written = 0
    for block in blocks:
        if written and _ENDS.match(block.text) and len(block.text) < 60:
            return
        if _LISTS.match(block.text) and _is_lead_in(block):
            in_list = True
        elif in_list and block.linked >= _LINKED:
            continue
        elif _is_text(block) and not (written < 2 and _is_head(block, title)):
            in_list = False
            written += 1
            yield block


def _is_head(block: Block, title: str) -> bool:
    """Say whether a line repeats the title, or says when and by whom the story was written."""
    return block.text == title or find_date(block.text) is not None


def _is_lead_in(block: Block) -> bool:
    """Say whether «Читайте также» begins a list here; a sentence may begin with «Самое…»."""
    return block.text.rstrip().endswith(":") or len(block.text) < 40 or block.linked > 0.4


def _is_text(block: Block) -> bool:
    text = block.text
    if block.linked >= _LINKED and not _SENTENCE_END.search(text):
        return False
    if len(text) <= _LABEL_LENGTH and (_LABELS.match(text) or _says_nothing(text)):
        return False
    return not (len(text) <= _CALL_LENGTH and _CALLS.match(text) and _CHANNEL.search(text))


def _says_nothing(text: str) -> bool:
    """Say whether a line is a date, a time, a number or ornaments alone."""
    return len(text) <= 40 and _DATE_ONLY.fullmatch(text) is not None
