"""Data sets, their versions and profiles, and the dimensions of their quality."""
