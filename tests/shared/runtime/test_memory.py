"""What a process keeps of memory that its threads gave back."""

import subprocess
import sys

GROW = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from shared.runtime.memory import share_heaps

if sys.argv[1] == "shared":
    share_heaps()
lock, together = Lock(), Barrier(8)


def hold(number):
    together.wait()
    with lock:
        whole = b"".join([bytes(1 << 20) for _ in range(48)])
        return len([whole[at : at + (1 << 17)] for at in range(0, len(whole), 1 << 17)])


with ThreadPoolExecutor(8) as threads:
    for _ in range(3):
        list(threads.map(hold, range(8)))
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    print(int(pages) * 4096 >> 20)
"""


def megabytes(how: str) -> int:
    ran = subprocess.run([sys.executable, "-c", GROW, how], capture_output=True, check=True)
    return int(ran.stdout)


def test_threads_that_held_large_files_one_after_another_do_not_each_keep_the_room():
    assert 2 * megabytes("shared") < megabytes("apart")
