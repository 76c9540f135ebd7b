"""Write a site whole or not at all: beside its folder first, which then takes the folder's place."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError


def check_folder(folder: Path, mark: str) -> None:
    """Raise InputError unless the folder is new, empty, or holds a site of ours (the file `mark`), which will be replaced."""
    if folder.is_dir():
        if any(folder.iterdir()) and not (folder / mark).is_file():
            raise _refuse(folder, "holds other files", "give a folder that is new, empty, or holds an earlier site")
    elif folder.exists() or folder.is_symlink():
        raise _refuse(folder, "is not a folder", "give the name of a folder")
    elif not folder.absolute().parent.is_dir():
        raise _refuse(folder, "lies in no folder that exists", f"make {folder.parent} first")


def write_site(folder: Path, files: Iterable[tuple[str, str]]) -> int:
    """Write the files, and give how many; what was there before is gone only when all are written."""
    target = folder.absolute()
    try:
        fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise _refuse(folder, f"cannot be written: {error.strerror}", "give another folder") from error
    try:
        count = _write_files(fresh, files)
        _take_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return count


def _write_files(folder: Path, files: Iterable[tuple[str, str]]) -> int:
    count = 0
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        count += 1
    return count


def _take_place(fresh: Path, target: Path) -> None:
    """Put the new folder in the place of the old one, with the rights of an ordinary folder."""
    fresh.chmod(0o755)
    old = target.with_name(f"{fresh.name}.old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    if old.exists():
        shutil.rmtree(old)


def _refuse(folder: Path, what: str, hint: str) -> InputError:
    return InputError([Diagnostic(code="bad-output", message=f"{folder} {what}", hint=hint)])
