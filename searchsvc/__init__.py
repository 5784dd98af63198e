"""Full-text search over Russian news: from saved articles to an index, from a query to hits."""

__version__ = "0.1.0"
