"""One object of an S3-compatible store: Parquet by row groups, other files as a stream."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from engine.progress import Reporter
from engine.sources.landing import LANDED_NAME, Landing, Most, SourceError, too_large
from engine.sources.pinned import way_to
from engine.words import gettext_noop as _

CONNECT_SECONDS, REQUEST_SECONDS = 5, 30
CHUNK = 1024 * 1024
MAGIC = b"PAR1"
Json = dict[str, Any]


def fetch_object(
    *,
    settings: Json,
    secrets: Json,
    address: str,
    most: Json,
    seen: str,
    folder: Path,
    report: Reporter,
) -> Json:
    """Write an object, or the wanted columns of a Parquet one, into `folder`.

    Parameters
    ----------
    settings, secrets : dict
        endpoint, region, bucket, key and columns; access_key and secret_key.
    address : str
        The checked address of the endpoint, which is the one that is connected to;
        empty without an endpoint of one's own.
    most : dict
        As of `Most`.
    seen : str
        Of the last fetch; the same object again is not read.

    Returns
    -------
    dict
        Only seen if nothing changed; else seen, written (when, ISO 8601), file (its
        name in the folder), rows and columns (None and empty if it is no Parquet).

    Raises
    ------
    SourceError
        If the object is not there or may not be read, or a limit is broken.
    """
    limits = Most(**most)
    path = f"{settings['bucket']}/{settings['key'].lstrip('/')}"
    report.progress(0.1, "Connecting")
    try:
        with _proxy(settings, address) as proxy:
            store = _store(settings, secrets, proxy)
            return _fetch(store, path, settings, limits, seen, folder, report)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(_failure(error, secrets)) from error


def _fetch(
    store: fs.S3FileSystem,
    path: str,
    settings: Json,
    limits: Most,
    seen: str,
    folder: Path,
    report: Reporter,
) -> Json:
    about = store.get_file_info(path)
    if about.type != fs.FileType.File:
        raise SourceError(
            _(
                "There is no object “%(key)s” in the bucket “%(bucket)s”. Look at "
                "both names."
            )
            % {"key": settings["key"], "bucket": settings["bucket"]}
        )
    mark = f"{about.size}:{about.mtime_ns}:{settings.get('columns', '')}"
    if mark == seen and not limits.is_look:
        return {"seen": mark}
    if _is_parquet(store, path):
        landed = _row_groups(store, path, settings, limits, folder, report)
    else:
        landed = _stream(store, path, about.size, limits, folder, report)
    return {"seen": mark, "written": about.mtime.isoformat(), **landed}


@contextmanager
def _proxy(settings: Json, address: str) -> Iterator[Json]:
    """Yield options that have the store reached by its checked address alone."""
    if not address:
        yield {}
        return
    place = urlsplit(settings["endpoint"])
    port = place.port or (443 if place.scheme == "https" else 80)
    with way_to(address, port) as here:
        yield {"proxy_options": {"scheme": "http", "host": "127.0.0.1", "port": here}}


def _store(settings: Json, secrets: Json, proxy: Json) -> fs.S3FileSystem:
    endpoint = settings.get("endpoint", "")
    scheme, _sign, place = endpoint.rpartition("://")
    key = secrets.get("access_key", "")
    known = {"access_key": key, "secret_key": secrets.get("secret_key", "")}
    return fs.S3FileSystem(
        # Without keys nothing is looked for in the environment of this machine.
        **(known if key else {"anonymous": True}),
        region=settings.get("region") or "us-east-1",
        scheme=scheme or "https",
        endpoint_override=place.rstrip("/") or None,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        **proxy,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=2),
    )


def _failure(error: Exception, secrets: Json) -> str:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    for secret in filter(None, secrets.values()):
        first = first.replace(str(secret), "…")
    return _("The store said: %(why)s. Nothing was changed.") % {
        "why": first[:300].rstrip(".")
    }


def _is_parquet(store: fs.S3FileSystem, path: str) -> bool:
    with store.open_input_file(path) as file:
        return bool(file.read(len(MAGIC)) == MAGIC)


def _row_groups(
    store: fs.S3FileSystem,
    path: str,
    settings: Json,
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    """Copy batches of row groups; columns nobody asked for are never sent."""
    with (
        store.open_input_file(path) as source,
        closing(pq.ParquetFile(source, pre_buffer=False)) as file,
    ):
        schema = file.schema_arrow.remove_metadata()
        wanted = _wanted(settings.get("columns", ""), schema)
        if wanted:
            schema = pa.schema([schema.field(name) for name in wanted])
        landing = Landing(folder, schema, most, report)
        batches = file.iter_batches(
            batch_size=most.batch_rows, columns=schema.names, use_threads=False
        )
        for batch in batches:
            landing.add(batch.select(schema.names).cast(schema))
            if most.is_look:
                break
        return landing.close()


def _wanted(said: str, schema: pa.Schema) -> list[str]:
    names = [each.strip() for each in said.split(",") if each.strip()]
    for name in names:
        if name not in schema.names:
            raise SourceError(
                _("The object has no column %(name)s. It has: %(columns)s.")
                % {"name": name, "columns": ", ".join(schema.names[:30])}
            )
    return list(dict.fromkeys(names))


def _stream(
    store: fs.S3FileSystem,
    path: str,
    whole: int,
    most: Most,
    folder: Path,
    report: Reporter,
) -> Json:
    """Copy the bytes as they are; what they hold is the importer's to say."""
    if whole > most.bytes:
        raise too_large(most)
    done = 0
    with (
        store.open_input_stream(path) as source,
        (folder / LANDED_NAME).open("wb") as target,
    ):
        while piece := source.read(CHUNK):
            target.write(piece)
            done += len(piece)
            if done > most.bytes:
                raise too_large(most)
            report.progress(0.5 * done / max(whole, 1), f"{done // CHUNK} MB")
            if most.is_look:
                break
    return {"file": LANDED_NAME, "rows": None, "columns": [], "bytes": whole}
