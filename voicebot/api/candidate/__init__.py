"""A candidate's own page: what we want of them, what we keep, and their say in it. Plain HTML; it needs no script."""
