"""Telling other systems what happened: signed, in order, as long as it takes, and to no address that is not theirs."""
