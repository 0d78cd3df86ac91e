"""The C library's heap: what is free again is used again, or given back.

glibc has up to eight heaps for each core, one for each of as many threads, and what is free in one serves no other:
six calls at once came to 698 MB, and come to 675 MB with one heap for each of two cores.
"""

import ctypes
import os
import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""


def share() -> None:
    """One heap for each core, and no fewer than two, for all threads that begin after this. Does nothing where the C
    library is another."""
    if libc := _glibc():
        libc.mallopt(_ARENA_MAX, max(2, os.cpu_count() or 1))


def give_back() -> None:
    """What is free, such as the copies that were made while models were read. Takes some milliseconds."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if hasattr(libc, "malloc_trim") else None
