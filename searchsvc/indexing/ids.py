"""Settling ids: no article is dropped because of its id.

A given id seen again with the same URL replaces the article; with another URL the newcomer gets
the id, a hyphen and a hash of its URL. Where neither has a URL, the title takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from searchsvc.parsing.identity import canonical_url, hashed

if TYPE_CHECKING:
    from searchsvc.engines.protocol import Builder, Identity, Prepared

ReadyT = TypeVar("ReadyT", bound="Prepared")


def settled(prepared: ReadyT, builder: Builder[ReadyT]) -> tuple[ReadyT, Identity | None]:
    """Give the article under the id it will have, and what it replaces there."""
    known = builder.identity_of(prepared.id)
    if known is None:
        return prepared, None
    own = _mark(prepared.identity)
    if _mark(known) == own:
        return prepared, known
    renamed = prepared.renamed(f"{prepared.id}-{hashed(own)}")
    return renamed, builder.identity_of(renamed.id)


def _mark(identity: Identity) -> str:
    return canonical_url(identity.url) or identity.title
