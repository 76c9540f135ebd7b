"""The law and sample facts that come with this software, found by name: in a checkout, or inside an installed wheel."""

from collections.abc import Iterator
from pathlib import Path

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.suggestions import suggest

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_rulesets() -> Path:
    """Give the folder of the shipped law."""
    return _shipped("rulesets")


def shipped_facts() -> Path:
    """Give the folder of the sample sites and of the mappings for public formats."""
    return _shipped("facts")


def resolve_rules(text: str) -> Path | Diagnostic:
    """Find a ruleset: a path that exists, else shipped law by name (`us/cwa`)."""
    return _resolve(text, shipped_rulesets(), "ruleset")


def resolve_facts(text: str) -> Path | Diagnostic:
    """Find facts: a path that exists, else a sample site by name (`riverside`)."""
    return _resolve(text, shipped_facts(), "sample site")


def _shipped(folder: str) -> Path:
    """Give the wheel's copy, else the checkout's folder beside the package."""
    installed = _PACKAGE / "_shipped" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def _resolve(text: str, root: Path, kind: str) -> Path | Diagnostic:
    """Prefer what exists; the shipped names are a closed list, so no name leads out of the folder."""
    if text and Path(text).exists():
        return Path(text)
    name = text.replace("\\", "/").strip("/")
    names = list(_names(root))
    if name in names:
        return root / name
    near = suggest(name, names)
    return Diagnostic(
        code="no-such-path",
        message=f"`{text}` is neither a path that exists nor a shipped {kind}",
        hint=f"did you mean {near}?" if near else _list_top(names, kind),
    )


def _names(root: Path) -> Iterator[str]:
    """Name every folder below, as it is asked for, in order."""
    for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
        name = folder.relative_to(root).as_posix()
        if not any(part.startswith((".", "_")) for part in name.split("/")):
            yield name


def _list_top(names: list[str], kind: str) -> str:
    """List instruments (`us/cwa`), or sites; what mappings read is no site."""
    depth = 1 if kind == "ruleset" else 0
    shown = [name for name in names if name.count("/") == depth and name != "mappings"]
    return f"a shipped {kind} is one of: {', '.join(shown)}"
