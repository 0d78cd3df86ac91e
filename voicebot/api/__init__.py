"""The web application: the media gateway, and REST for machines beside it."""
