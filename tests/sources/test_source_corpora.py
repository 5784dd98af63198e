"""Every real corpus reads to its end with nothing to report."""

import gzip

import pytest
from sources_found import inputs, told

from searchsvc.config import Settings
from searchsvc.model import Format
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import walk


@pytest.mark.prove
def test_every_line_of_every_corpus_is_read(data):
    for file in walk([data / "news"]):
        with gzip.open(file.path) as lines:
            expected = sum(1 for _ in lines)
        count = 0
        for found in read(file, SourceLimits.of(Settings())):
            assert told([found]) == []
            count += 1
        assert count == expected, file.name


@pytest.mark.prove
def test_every_page_is_read(data):
    (file,) = walk([data / "html"])
    found = list(read(file, SourceLimits.of(Settings())))
    assert told(found) == []
    assert len(found) == 5670
    assert {one.format for one in inputs(found)} == {Format.PAGE}
    assert not [one.place for one in inputs(found) if "\ufffd" in one.content]
