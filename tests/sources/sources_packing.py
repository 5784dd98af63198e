"""Ways to put bytes into a file: as they are, compressed, archived, archived in archives."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile


def plain(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data


def gzipped(name: str, data: bytes) -> tuple[str, bytes]:
    return f"{name}.gz", gzip.compress(data, mtime=0)


def bzipped(name: str, data: bytes) -> tuple[str, bytes]:
    return f"{name}.bz2", bz2.compress(data)


def xzipped(name: str, data: bytes) -> tuple[str, bytes]:
    return f"{name}.xz", lzma.compress(data)


def zipped(name: str, data: bytes) -> tuple[str, bytes]:
    return "news.zip", zip_of({f"архив/{name}": data})


def tarred(name: str, data: bytes) -> tuple[str, bytes]:
    return "news.tar", tar_of({f"архив/{name}": data})


def tarred_gzipped(name: str, data: bytes) -> tuple[str, bytes]:
    return "news.tar.gz", gzip.compress(tar_of({f"архив/{name}": data}), mtime=0)


def gzipped_in_zip(name: str, data: bytes) -> tuple[str, bytes]:
    return zipped(*gzipped(name, data))


def zipped_in_tar_xz(name: str, data: bytes) -> tuple[str, bytes]:
    inner, packed = zipped(name, data)
    return "all.tar.xz", lzma.compress(tar_of({inner: packed}))


def zip_of(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def tar_of(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return whole.getvalue()
