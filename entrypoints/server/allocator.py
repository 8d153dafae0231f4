"""Allocator: glibc returns to the system what requests have freed, in the processes of a server."""

import ctypes

# Parameters of `mallopt` in malloc.h.
M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8
# Free bytes at the end of the heap, at most. With any fixed number, a body is mapped by itself and returned whole.
MAX_FREE_BYTES = 1024 * 1024


def return_freed_memory() -> None:
    """Have all threads of this process, and of its forks, allocate from one heap that keeps little of what is free.

    By default each thread has a heap of its own, up to 16 on two cores, and each keeps the space of its largest bodies.
    Other C libraries than glibc are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TRIM_THRESHOLD, MAX_FREE_BYTES)
