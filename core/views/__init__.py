"""Pages of people, their keys, their inbox, and of those who run the portal."""
