"""The most memory that a running process has had."""

from __future__ import annotations

import re
from pathlib import Path


def most_memory(process: int) -> int:
    """Return it in bytes, 0 for a process that has ended; the kernel's record of a child counts its parent's too."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
