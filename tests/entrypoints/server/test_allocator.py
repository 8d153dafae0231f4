import platform
import subprocess
import sys

import pytest

# Threads that all allocate before the first one ends, and glibc's report of its heaps.
PROGRAM = """
import ctypes, sys, threading
from entrypoints.server.allocator import return_freed_memory
if sys.argv[1] == "one heap":
    return_freed_memory()
libc, together = ctypes.CDLL(None), threading.Barrier(6)
def allocate():
    kept = bytearray(50_000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(6)]
for each in (threading.Thread.start, threading.Thread.join):
    for thread in threads:
        each(thread)
libc.fdopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators are left as they are")
def test_threads_share_one_heap():
    reports = [
        subprocess.run([sys.executable, "-c", PROGRAM, words], check=True, capture_output=True, text=True).stdout
        for words in ("one heap", "many heaps")
    ]

    assert [report.count("<heap nr=") for report in reports] == [1, 7]


@pytest.mark.skipif(sys.platform != "linux", reason="granian has jemalloc on Linux")
def test_granian_shares_one_heap_too():
    # jemalloc prints what it sets, and each word that is no setting.
    program = (
        "import os; from entrypoints.server.allocator import JEMALLOC_VARIABLE as name, return_freed_memory;"
        "return_freed_memory(); os.environ[name] = f'confirm_conf:true,{os.environ[name]}'; import granian"
    )

    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stderr

    assert "Set conf value: narenas:1" in printed
    assert "Set conf value: lg_tcache_max:11" in printed
    assert "Invalid" not in printed
