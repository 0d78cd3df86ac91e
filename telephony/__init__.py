"""Places calls and speaks carriers' wires. Knows nothing of dialogs, models or the archive."""
