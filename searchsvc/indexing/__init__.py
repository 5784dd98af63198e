"""The article's way: sources to parsing to an engine's next generation, with a report."""
