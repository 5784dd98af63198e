"""How good the answers are: our engine, with choices switched off, and its peers, set by set."""
