"""Buckets whose requester pays: Arrow's S3 cannot say that it does, AWS's SDK for Python can."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from pyarrow import fs

__all__ = ["Payer", "assuming"]

_PAYS = {"RequestPayer": "requester"}
_ATTEMPTS = 5
_NOT_THERE = 404


class Payer:
    """As much of a `pyarrow.fs.S3FileSystem` as is asked of one: it lists, and opens files.

    Parameters
    ----------
    session
        Of ``botocore``; its credentials sign, and their account pays.
    region, endpoint
        Where the buckets are.
    seconds
        How long a connection may take, and how long nothing may come.
    """

    def __init__(
        self, session: Session, region: str | None, endpoint: str | None, seconds: tuple[int, int]
    ) -> None:
        connect, read = seconds
        config = Config(
            connect_timeout=connect,
            read_timeout=read,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=25,
        )
        with _as_arrow_says():
            self._client = session.create_client(
                "s3", region_name=region or "us-east-1", endpoint_url=endpoint, config=config
            )

    def get_file_info(self, asked: str | fs.FileSelector) -> Any:
        """Return what a path is, or what is in a folder, as Arrow does."""
        with _as_arrow_says():
            if isinstance(asked, fs.FileSelector):
                return [*self._listed(asked.base_dir, deep=asked.recursive)]
            return self._file(asked) or self._folder(asked)

    def open_input_file(self, path: str) -> _Object:
        """Open an object.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        with _as_arrow_says():
            found = self._file(path)
        if found is None:
            raise FileNotFoundError(path)
        return _Object(lambda bounds: self._read(path, bounds), found.size)

    def _file(self, path: str) -> fs.FileInfo | None:
        try:
            found = self._client.head_object(**_place(path), **_PAYS)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_THERE:
                return None
            raise
        return _info(path, found["ContentLength"], found["LastModified"])

    def _folder(self, path: str) -> fs.FileInfo:
        there = next(self._listed(path, deep=False), None)
        return fs.FileInfo(path, fs.FileType.Directory if there else fs.FileType.NotFound)

    def _listed(self, folder: str, *, deep: bool) -> Iterator[fs.FileInfo]:
        bucket, _, prefix = folder.partition("/")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket,
            Prefix=f"{prefix.rstrip('/')}/" if prefix else "",
            **({} if deep else {"Delimiter": "/"}),
            **_PAYS,
        )
        for page in pages:
            for found in page.get("CommonPrefixes", ()):
                yield fs.FileInfo(f"{bucket}/{found['Prefix'][:-1]}", fs.FileType.Directory)
            for found in page.get("Contents", ()):
                # An empty one that ends so marks a folder; Arrow names another one like this.
                if found["Size"] or not found["Key"].endswith("/"):
                    key = found["Key"].removesuffix("/")
                    yield _info(f"{bucket}/{key}", found["Size"], found["LastModified"])

    def _read(self, path: str, bounds: str) -> bytes:
        for left in reversed(range(_ATTEMPTS)):
            with _as_arrow_says():
                answer = self._client.get_object(**_place(path), Range=bounds, **_PAYS)
                try:
                    return bytes(answer["Body"].read())
                except BotoCoreError:  # a line that breaks within an answer: it is not asked again
                    if not left:
                        raise
        raise AssertionError


class _Object:
    """An object's bytes, a request for each read."""

    def __init__(self, read: Callable[[str], bytes], size: int) -> None:
        self._read = read
        self._size = size
        self._at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; return it."""
        self._at = offset + {io.SEEK_CUR: self._at, io.SEEK_END: self._size}.get(whence, 0)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read on into `buffer`; return how many bytes were read, 0 at the end."""
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        some = self._read(f"bytes={self._at}-{end - 1}")
        buffer[: len(some)] = some
        self._at += len(some)
        return len(some)


def assuming(session: Session, role: str, session_name: str, external_id: str | None) -> Session:
    """Return a session of a role that another session's credentials assume, again when they end."""
    extra = {"RoleSessionName": session_name} | ({"ExternalId": external_id} if external_id else {})
    fetcher = AssumeRoleCredentialFetcher(
        session.create_client, session.get_credentials(), role, extra_args=extra
    )
    assumed = Session()
    assumed._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 - as AWS's own tools do
        fetcher.fetch_credentials, "assume-role"
    )
    return assumed


def _place(path: str) -> dict[str, str]:
    bucket, _, key = path.partition("/")
    return {"Bucket": bucket, "Key": key}


def _info(path: str, size: int, modified: Any) -> fs.FileInfo:
    return fs.FileInfo(path, fs.FileType.File, mtime=modified, size=size)


@contextlib.contextmanager
def _as_arrow_says() -> Iterator[None]:
    """Raise what goes wrong in the words of Arrow's S3, so that it is told the same way."""
    try:
        yield
    except ClientError as error:
        told, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", told["Code"]).upper()
        raise OSError(
            f"AWS Error {code} during {error.operation_name} operation: {told['Code']},"
            f" {told.get('Message')} (HTTP status {status})"
        ) from None
    except BotoCoreError as error:
        raise OSError(f"AWS Error NETWORK_CONNECTION. Details: {error}") from None
