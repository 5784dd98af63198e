"""The query's way: text to tree to engine to highlighted answer."""
