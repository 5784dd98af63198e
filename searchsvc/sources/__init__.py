"""Sources: from paths to inputs: walking, archives, encodings, records; all bounded."""
