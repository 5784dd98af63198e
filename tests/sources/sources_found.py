"""What reading gives, told apart."""

from searchsvc.model import Failure, Input
from searchsvc.sources.walking import Skip

Found = Input | Failure | Skip


def inputs(found: list[Found]) -> list[Input]:
    return [one for one in found if isinstance(one, Input)]


def told(found: list[Found]) -> list[str]:
    """What was reported, as ``place: reason``."""
    return [f"{one.place}: {one.reason}" for one in found if not isinstance(one, Input)]
