"""Pages that show several apps are composed here, of each app's selectors."""
