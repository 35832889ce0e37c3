"""Pages that already hold the truth without JavaScript."""
