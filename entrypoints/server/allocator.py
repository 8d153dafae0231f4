"""Allocators: glibc and granian's jemalloc return what requests have freed, in the processes of a server."""

import ctypes
import os

# Parameters of `mallopt` in malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# Free bytes at the end of the heap, at most, and bytes of what is mapped by itself and returned whole, at least. JSON
# of 1,000 records takes 3 MB while it is parsed: to map them for each request takes a quarter of its CPU time.
MAX_FREE_BYTES = 4 * 1024 * 1024
# jemalloc reads the variable when granian is imported. By default each thread has a heap, and a cache of freed pieces
# of up to 32 KiB; with pieces of up to 2 ** 11 bytes, a small request takes no more time.
JEMALLOC_VARIABLE, JEMALLOC_OPTIONS = "_RJEM_MALLOC_CONF", "narenas:1,lg_tcache_max:11"


def return_freed_memory() -> None:
    """Have all threads of this process, and of its forks, allocate from one heap that keeps little of what is free.

    By default each thread has a heap of its own, up to 16 on two cores, and each keeps the space of its largest bodies.
    Other C libraries than glibc are left as they are. To be called before granian is imported.
    """
    os.environ.setdefault(JEMALLOC_VARIABLE, JEMALLOC_OPTIONS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TRIM_THRESHOLD, MAX_FREE_BYTES)
        mallopt(M_MMAP_THRESHOLD, MAX_FREE_BYTES)
