"""A plugin of pytest: Whoosh writes with our codec wherever it is not told another."""

from __future__ import annotations

import whoosh.codec

from searchsvc.engines.whoosh.codec import ArrayCodec

whoosh.codec.default_codec = ArrayCodec
