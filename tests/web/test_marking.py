import html
import re

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.highlighting.snippet import Snippet
from searchsvc.web.marking import marked, paragraphs


@st.composite
def marked_texts(draw):
    text = draw(st.text(alphabet="аб<>&\"'\n ", max_size=40))
    cuts = draw(st.lists(st.integers(0, len(text)), unique=True, max_size=8).map(sorted))
    return Snippet(text, tuple(zip(cuts[::2], cuts[1::2], strict=False)))


def test_marks_are_tags_and_the_rest_is_text():
    snippet = Snippet("мэр <Москвы> & мэры", ((0, 3), (5, 11)))
    assert marked(snippet) == "<mark>мэр</mark> &lt;<mark>Москвы</mark>&gt; &amp; мэры"


@given(marked_texts())
def test_without_its_marks_the_html_is_the_text(snippet):
    assert html.unescape(re.sub("</?mark>", "", marked(snippet))) == snippet.text


@given(marked_texts())
def test_paragraphs_keep_every_marked_letter_of_their_lines(snippet):
    letters = "".join(snippet.text[start:end] for start, end in snippet.marks)
    kept = "".join(
        line.text[start:end] for line in paragraphs(snippet) for start, end in line.marks
    )
    assert re.sub(r"\s", "", kept) == re.sub(r"\s", "", letters)
    assert [p.text for p in paragraphs(snippet)] == [
        line for line in snippet.text.split("\n") if line.strip()
    ]


def test_a_mark_over_a_line_end_is_a_mark_in_both_lines():
    lines = list(paragraphs(Snippet("раз два\n\nтри", ((4, 12),))))
    assert lines == [Snippet("раз два", ((4, 7),)), Snippet("три", ((0, 3),))]
