"""What is known of sources and schedules without a row."""
