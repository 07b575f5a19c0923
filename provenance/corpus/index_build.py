"""Building of an index from a stream of documents; memory stays flat but for about 150 bytes a text."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from provenance.corpus.entries import batches_of
from provenance.corpus.index_format import IndexInfo
from provenance.corpus.index_writer import IndexWriter, SourceFacts
from provenance.documents import Document, as_documents
from provenance.errors import OutputError

__all__ = ["SourceFacts", "build_index"]


def build_index(
    documents: Iterable[str | Document],
    folder: str | Path,
    facts: SourceFacts,
    *,
    texts: bool = True,
    small: bool = False,
    progress: Callable[[int], None] | None = None,
) -> IndexInfo:
    """Build an index and put it in place once it is whole.

    A text that occurs more than once is one entry, under the id of its first row, with the number of rows.

    Parameters
    ----------
    documents : iterable of str or Document
        Read once. Their `source` is taken as the model that wrote the text.
    folder : str or Path
        New, or an index that is replaced.
    facts : SourceFacts
    texts : bool
        Keep the texts, so that matches can be shown in pairs.
    small : bool
        Keep 4 bytes of a hash instead of 8. Two different shingles are then taken for one at odds of 1 in 4.3 billion,
        so that of two texts of n and m shingles n * m / 4.3 billion are thought shared that are not.
    progress : callable, optional
        Is told the number of rows of each part read.

    Returns
    -------
    IndexInfo

    Raises
    ------
    OutputError
        When `folder` holds something else, or cannot be written.
    InputError
        When no text has as many words as are compared.
    """
    target = Path(os.path.abspath(folder))
    _check_target(target)
    work = target.with_name(f"{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        work.mkdir()
        writer = IndexWriter(work, texts, 4 if small else 8)
        for batch in batches_of(as_documents(documents)):
            writer.add(batch)
            if progress:
                progress(len(batch))
        info = writer.finish(facts)
        _replace(work, target)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return info


def _check_target(folder: Path) -> None:
    """Refuse to replace anything but an index."""
    if folder.exists() and not (folder / "index.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: exists and is no index; name a new folder, or an index to replace")
    if not folder.parent.is_dir():
        raise OutputError(f"{folder}: there is no folder {folder.parent}; make it first")


def _replace(work: Path, target: Path) -> None:
    """Move a finished folder into place; what stood there goes last."""
    old = target.with_name(f"{work.name}.old")
    if target.exists():
        target.rename(old)
    work.rename(target)
    shutil.rmtree(old, ignore_errors=True)
