"""JSON in and out, for programs and for the pages."""
