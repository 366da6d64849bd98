"""Reads that join tables for a page."""

from core.selectors.activity import ActivityLine, activity, say

__all__ = ["ActivityLine", "activity", "say"]
