"""The Whoosh engine: a Whoosh index with array postings, and the evaluation of the tree."""
