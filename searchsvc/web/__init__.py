"""The edge: HTTP queries, the form, the pages; the only place that escapes."""
