from collections.abc import Callable
from datetime import datetime

from searchsvc.model import Article, ArticleDate, Precision

class Reader:
    def __new__(
        cls,
        article: type[Article],
        fields: dict[str, object],
        date: type[ArticleDate],
        moment: Callable[[str], datetime],
        precisions: dict[str, Precision],
        encodings: bytes,
        letters: bytes,
        /,
    ) -> Reader: ...
    def article(self, data: bytes, article_id: str, /) -> Article | None: ...
    def unpacked(
        self,
        blocks: memoryview[int],
        starts: memoryview[int],
        docs: tuple[int, ...],
        ids: tuple[str, ...],
        decompress: Callable[[memoryview[int]], bytes],
        /,
    ) -> list[Article | bytes | None]: ...
