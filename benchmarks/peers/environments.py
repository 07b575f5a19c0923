"""One environment a peer, below build/peers: made, filled from the package index, tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

SHIM = """
#include <stdlib.h>
long __isoc23_strtol(const char *s, char **e, int b) { return strtol(s, e, b); }
unsigned long __isoc23_strtoul(const char *s, char **e, int b) { return strtoul(s, e, b); }
long long __isoc23_strtoll(const char *s, char **e, int b) { return strtoll(s, e, b); }
unsigned long long __isoc23_strtoull(const char *s, char **e, int b) { return strtoull(s, e, b); }
"""
"""Four names of glibc 2.38 by the functions that they had before: numbers are read alike but for binary literals."""


@dataclass(frozen=True)
class Peer:
    """A package, its exact version, what it is, what is installed beside it, and what it brings that must go."""

    name: str
    version: str
    kind: str
    extra: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


PEERS = (
    Peer("is-it-slop", "0.6.3", "TF-IDF of o200k token n-grams, a trained classifier in Rust"),
    Peer("lmscan", "0.6.1", "21 measures, a small classifier, character n-grams"),
    Peer("slopcheck-cli", "0.1.4", "a list of phrases and rules"),
    Peer("k-uncanny", "0.1.3", "compression and burstiness"),
    Peer(
        "detectzoo", "0.1.4", "Fast-DetectGPT (its text part alone), here over SmolLM2-135M-Instruct",
        extra=("torch==2.13.0",), unwanted=("torchvision", "torchaudio"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """A peer that can be run, with what the environment needed; or, in `reason`, why it cannot be."""

    peer: Peer
    python: Path
    preload: str = ""
    note: str = ""
    reason: str = ""

    @property
    def environment(self) -> dict[str, str]:
        found = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PATH": "/usr/bin:/bin"}
        return found | ({"LD_PRELOAD": self.preload} if self.preload else {})


def prepare(peer: Peer, build: Path) -> Ready:
    """Make the environment of a peer, where it is not there yet, and try to import it."""
    folder = build / peer.name
    python = folder / "bin" / "python"
    if not (folder / ".installed").is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        wanted = [f"{peer.name}=={peer.version}", *peer.extra]
        done = _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], None)
        if done:
            return Ready(peer, python, reason=f"does not install: {done}")
        if peer.unwanted:
            _run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", *peer.unwanted], None)
        (folder / ".installed").touch()
    plain = Ready(peer, python)
    probe = [str(python), str(HERE / "score.py"), peer.name, "--probe"]
    failure = _run(probe, plain.environment)
    if not failure:
        return plain
    if "__isoc23_" in failure and (preload := _shim(build)):
        shimmed = Ready(peer, python, preload, "loads only with names of glibc 2.38 supplied by a shim: this system is older")
        if not _run(probe, shimmed.environment):
            return shimmed
    return Ready(peer, python, reason=f"does not load: {failure}")


def _shim(build: Path) -> str:
    """Library that supplies the four names; '' where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    target = (build / "isoc23.so").resolve()
    if compiler is None:
        return ""
    if not target.is_file():
        source = build / "isoc23.c"
        source.write_text(SHIM)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", str(target), str(source)], check=True)
    return str(target)


def _run(command: list[str], environment: dict[str, str] | None) -> str:
    """Last line of what a command complained of; '' where it went well."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit code {done.returncode}").replace(str(HERE.parents[1]), "...")[-300:]
