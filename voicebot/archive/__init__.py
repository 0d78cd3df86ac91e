"""The archive of interviews: the only code that opens database sessions and recording files. Begin with `store`."""
