"""Sources: from paths to inputs: walking, archives, encodings, records; hostile input is bounded here."""
