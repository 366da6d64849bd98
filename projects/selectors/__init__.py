"""Reads that join the tables of the design phase for a page."""
