"""The profile of a table of any size: parts, merged in any order, and finished."""

from engine.profile.streamed.finish import finish
from engine.profile.streamed.layout import Layout, layout_of
from engine.profile.streamed.state import State, merge, profile_partition

__all__ = ["Layout", "State", "finish", "layout_of", "merge", "profile_partition"]
