"""The one thing that setup.cfg cannot say: C extensions that may be left out."""

from pathlib import Path

from setuptools import Extension, setup

ROOM = Path("searchsvc/engines/whoosh")
ALONE = (
    "searchsvc/engines/whoosh/_inversion.c",
    "searchsvc/engines/whoosh/_locating.c",
    "searchsvc/engines/whoosh/_numbering.c",
    "searchsvc/engines/whoosh/_stored.c",
    "searchsvc/parsing/_lines.c",
    "searchsvc/parsing/_plain.c",
    "searchsvc/web/_hits.c",
)
"""Extensions of their own; all other files of the room are the kernel."""

KERNEL = Extension(
    "searchsvc.engines.whoosh._kernel",
    [str(path) for path in sorted(ROOM.glob("_*.c")) if str(path) not in ALONE],
    # Fused multiply-add would round scores otherwise than numpy does.
    # With -O2 unions take 9 % longer and facets 7 %, all else as long.
    extra_compile_args=["-O3", "-ffp-contract=off", "-fvisibility=hidden"],
    py_limited_api=True,
    depends=[str(path) for path in sorted(ROOM.glob("_*.h"))],
    optional=True,
)


SCANNER = Extension(
    "searchsvc.analysis._scanner",
    [f"searchsvc/analysis/_{part}.c" for part in ("pieces", "places", "scanner", "vocabulary")],
    extra_compile_args=["-O2", "-fvisibility=hidden"],
    py_limited_api=True,
    depends=["searchsvc/analysis/_scanner.h"],
    optional=True,
)

HIGHLIGHTING = Extension(
    "searchsvc.highlighting._highlighting",
    [str(path) for path in sorted(Path("searchsvc/highlighting").glob("_*.c"))],
    extra_compile_args=["-O2", "-fvisibility=hidden"],
    py_limited_api=True,
    depends=["searchsvc/highlighting/_highlighting.h"],
    optional=True,
)


LEXICON = Extension(
    "searchsvc.analysis._lexicon",
    ["searchsvc/analysis/_lexicon.c", "searchsvc/analysis/_lemmatising.c"],
    extra_compile_args=["-O2", "-fvisibility=hidden"],
    py_limited_api=True,
    depends=["searchsvc/analysis/_lexicon.h"],
    optional=True,
)


def extension(source: str) -> Extension:
    """Compile one file as a module of its own."""
    return Extension(
        source.removesuffix(".c").replace("/", "."),
        [source],
        extra_compile_args=["-O2"],
        py_limited_api=True,
        depends=[str(path) for path in sorted(Path(source).parent.glob("_*.h"))],
        optional=True,
    )


setup(
    ext_modules=[KERNEL, SCANNER, HIGHLIGHTING, LEXICON, *map(extension, ALONE)],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
