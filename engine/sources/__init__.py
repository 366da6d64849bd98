"""Rows of databases and objects of S3-compatible stores, streamed into one Parquet file.

Runs in a child that keeps its network. Nothing is held in memory beyond a batch.
"""

from engine.sources.databases import fetch_query
from engine.sources.landing import SourceError
from engine.sources.objects import fetch_object
from engine.sources.query import check_query

__all__ = ["SourceError", "check_query", "fetch_object", "fetch_query"]
