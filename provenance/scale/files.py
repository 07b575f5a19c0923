"""Small handling of files: names beside a file, a lock, a close that does not complain."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

__all__ = ["beside", "close_quietly", "lock"]


def beside(path: Path, suffix: str) -> Path:
    """Path with `suffix` added to its name."""
    return path.with_name(path.name + suffix)


def lock(file: BinaryIO) -> bool:
    """Take the file for this process where the system can; the lock ends with the process."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def close_quietly(file: BinaryIO) -> None:
    """Close; a full disk may refuse the last bytes."""
    try:
        file.close()
    except OSError:
        pass
