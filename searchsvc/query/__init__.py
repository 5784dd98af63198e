"""From what was typed to an engine-neutral tree: lexer, syntax, interpretation, dates, limits."""
