"""From a text and the matches in it to readable fragments with marks."""
