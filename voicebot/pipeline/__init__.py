"""The only code that imports pipecat: frames to our events, our actions to frames."""
