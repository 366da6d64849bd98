"""Starting the portal's processes and keeping them alive."""
