"""What of a query may be corrected is the same, whichever way it is found."""

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.correction.typed import chunks, plain_words

PIECES = ["мэр", "И", "NOT", "ё", " ", "\u2028", '"', "!", "|", "(", ")", "«", "»", "-", "5", ":"]


@given(st.lists(st.sampled_from([*PIECES, "автор", "www", "\u0301"]), max_size=12).map("".join))
def test_plain_words_are_the_chunks_of_a_query(query):
    words = plain_words(query)
    assert words is None or words == [chunk.text for chunk in chunks(query)]


def test_words_quotes_and_bars_are_plain():
    assert plain_words('мэр | "край И" (область)') == ["мэр", "край", "область"]
    assert plain_words('!"мэр"') is plain_words("мэр, край") is None
