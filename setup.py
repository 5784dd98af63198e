"""The one thing that setup.cfg cannot say: a C extension that may be left out."""

from pathlib import Path

from setuptools import Extension, setup

ROOM = Path("searchsvc/engines/whoosh")

KERNEL = Extension(
    "searchsvc.engines.whoosh._kernel",
    [str(path) for path in sorted(ROOM.glob("_*.c"))],
    # Fused multiply-add would round scores otherwise than numpy does.
    extra_compile_args=["-O2", "-ffp-contract=off", "-fvisibility=hidden"],
    py_limited_api=True,
    depends=[str(path) for path in sorted(ROOM.glob("_*.h"))],
    optional=True,
)

setup(ext_modules=[KERNEL], options={"bdist_wheel": {"py_limited_api": "cp311"}})
