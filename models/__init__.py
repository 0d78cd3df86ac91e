"""The words that every part of voicebot shares: plain frozen values, no I/O, no clock."""
