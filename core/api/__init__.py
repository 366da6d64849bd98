"""What every resource of the REST API shares."""
