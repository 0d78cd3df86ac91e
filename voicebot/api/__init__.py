"""The web application: the media gateway now, REST for machines beside it."""
