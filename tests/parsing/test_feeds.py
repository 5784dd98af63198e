from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import ParseError
from searchsvc.model import Place
from searchsvc.parsing.feeds import parse_feed

HERE = Place("feed.xml")
NAMES = (
    'xmlns:yandex="http://news.yandex.ru" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)


def rss(items: str) -> str:
    return (
        f'<?xml version="1.0" encoding="windows-1251"?>\n<rss version="2.0" {NAMES}>'
        f"<channel><title>Вестник</title><link>https://a.example/</link>{items}</channel></rss>"
    )


ITEM = """<item><title>Мост &laquo;Ветер&raquo; открыт & покрашен</title>
<media:title>картинка</media:title><link>https://a.example/1</link><guid>77</guid>
<pubDate>Mon, 03 Feb 2026 10:00:00 +0300</pubDate>
<category>Город</category><category>Река</category>
<dc:creator>Анна Белкина</dc:creator>
<description>&lt;p&gt;Коротко.&lt;/p&gt;</description>
<media:content url="https://a.example/1.jpg">подпись</media:content>%s</item>"""


def test_an_item_is_an_article() -> None:
    (found,) = parse_feed(rss(ITEM % ""), HERE).articles
    assert found.title == "Мост «Ветер» открыт & покрашен"
    assert (found.text, found.lead) == ("Коротко.", "")
    assert (found.url, found.source) == ("https://a.example/1", "Вестник")
    assert (found.topics, found.authors) == (("Город", "Река"), ("Анна Белкина",))
    assert found.date is not None
    assert found.date.isoformat() == "2026-02-03T10:00+03:00"


@pytest.mark.parametrize(
    "body",
    [
        "<content:encoded><![CDATA[<p>Мост ждали.</p><p>Вот он.</p>]]></content:encoded>",
        "<yandex:full-text>Мост ждали.\n\nВот он.</yandex:full-text>",
    ],
)
def test_the_full_text_comes_before_the_description(body: str) -> None:
    (found,) = parse_feed(rss(ITEM % body), HERE).articles
    assert (found.text, found.lead) == ("Мост ждали.\n\nВот он.", "Коротко.")


def test_atom() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Вестник</title>
    <entry><title type="html">Мост &amp;amp; река</title><id>urn:1</id>
    <link rel="self" href="https://a.example/self"/><link href="https://a.example/1"/>
    <published>2026-02-03T07:00:00Z</published><category term="Город"/>
    <author><name>Анна Белкина</name></author>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
    <p>Раз.</p><p>Два.</p></div></content>
    </entry></feed>"""
    (found,) = parse_feed(feed, HERE).articles
    assert (found.title, found.text) == ("Мост & река", "Раз.\n\nДва.")
    assert (found.url, found.topics, found.authors) == (
        "https://a.example/1",
        ("Город",),
        ("Анна Белкина",),
    )


def test_rss_1_has_its_items_beside_the_channel() -> None:
    feed = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns="http://purl.org/rss/1.0/"><channel><title>Вестник</title></channel>
    <item><title>Мост открыт</title><link>https://a.example/1</link></item></rdf:RDF>"""
    (found,) = parse_feed(feed, HERE).articles
    assert (found.title, found.source) == ("Мост открыт", "Вестник")


def test_only_the_broken_entries_are_lost() -> None:
    whole = "<item><title>Мост</title></item>"
    parsed = parse_feed(
        rss(f"{whole}<item><title>Река</tit></item>{whole}<item><title>Бер")[:-24], HERE
    )
    assert [found.title for found in parsed.articles] == ["Мост", "Мост"]
    assert [failure.place.record for failure in parsed.failures] == [2, 4]


def test_an_entry_without_title_and_text_fails() -> None:
    parsed = parse_feed(rss("<item><link>https://a.example/1</link></item>"), HERE)
    assert not parsed.articles
    assert [str(failure.place) for failure in parsed.failures] == ["feed.xml:1"]


def test_an_empty_feed_is_no_failure() -> None:
    assert parse_feed(rss(""), HERE).failures == ()


@pytest.mark.parametrize("text", ["", "нет", "<html><body>нет</body></html>", "<rss"])
def test_no_feed_at_all(text: str) -> None:
    with pytest.raises(ParseError, match="no feed"):
        parse_feed(text, HERE)


def test_an_entity_bomb_does_not_go_off() -> None:
    lines = ['<!ENTITY a "бум">']
    lines += [
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    bomb = (
        f"<!DOCTYPE rss [{''.join(lines)}]>"
        + rss("<item><title>Мост &i;</title></item>").split("?>")[1]
    )
    parsed = parse_feed(bomb, HERE)
    assert len(parsed.articles) + len(parsed.failures) == 1
    assert all(len(found.title) < 100 for found in parsed.articles)


def test_a_file_entity_is_not_read() -> None:
    feed = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + (
        "<rss><channel><item><title>Мост &x;</title></item></channel></rss>"
    )
    (found,) = parse_feed(feed, HERE).articles
    assert found.title == "Мост &x;"


@given(st.text() | st.text(alphabet="<>item/&;rs \"='!-[]CDAT", max_size=80).map(rss))
def test_no_text_breaks_it(text: str) -> None:
    try:
        parsed = parse_feed(text, HERE)
    except ParseError:
        return
    assert all(found.title for found in parsed.articles)
