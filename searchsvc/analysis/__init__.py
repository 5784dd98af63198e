"""Analysis: from text to tokens with offsets, from a token to its lemmas."""
