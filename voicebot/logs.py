"""One log to stderr, warnings and worse. We never log personal data; pipecat's debug log would, and stays off."""

import sys

from loguru import logger


def configure(level: str = "WARNING") -> None:
    logger.remove()
    logger.add(
        _to_stderr, level=level, format="{time:HH:mm:ss} {level.name:<7} {message}", backtrace=False, diagnose=False
    )


def _to_stderr(line: str) -> None:
    """To what stderr is now: who has set it aside for a while gets what is said meanwhile."""
    sys.stderr.write(line)
