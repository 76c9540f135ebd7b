"""Pages from templates; every text is escaped unless the program itself made it."""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.resources import files
from itertools import groupby

import jinja2
import msgspec

from compliance_engine.model.register import ProvisionText, Register
from compliance_engine.reporting.site.linking import Linker, address_of, is_web_address
from compliance_engine.version import __version__

MARK = "site.json"
_STATIC = ("style.css", "search.js")
# How examples are grouped on a page: what is compliant first, then what is not.
_HEADINGS = (
    ("pass", "Compliant"),
    ("fail", "Not compliant"),
    ("boundary", "At the boundary"),
    ("exception", "Exceptions"),
    ("undetermined", "Undetermined: a fact is missing"),
    ("version", "Change of version"),
)


def render_site(register: Register) -> Iterator[tuple[str, str]]:
    """Give every file of the site: its path in the site's folder, and its text."""
    environment = _make_environment(register)
    instruments = _group_by_instrument(register.provisions)
    shared = {
        "register": register,
        "instruments": instruments,
        "known": {kind.name for kind in register.types},
        "version": __version__,
    }
    render = partial(_render, environment, shared)
    yield "index.html", render("index.html", root="")
    yield "facts.html", render("facts.html", root="")
    for name, provisions in instruments:
        yield f"instruments/{name}.html", render("instrument.html", root="../", name=name, provisions=provisions)
    for provision in register.provisions:
        page = {"provision": provision, "groups": _group_examples(provision)}
        yield f"provisions/{provision.id}.html", render("provision.html", root="../", **page)
    for value in register.values:
        yield f"values/{value.id}.html", render("value.html", root="../", value=value)
    for name in _STATIC:
        yield name, files("compliance_engine.reporting.site").joinpath(name).read_text(encoding="utf-8")
    yield "pages.js", f"window.PAGES = {msgspec.json.encode(_list_pages(register)).decode()};\n"
    mark = {"schema": "compliance-site/1", "rules": register.digest, "provisions": len(register.provisions)}
    yield MARK, msgspec.json.format(msgspec.json.encode(mark), indent=2).decode() + "\n"


def _make_environment(register: Register) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("compliance_engine.reporting.site", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = Linker(register).link
    environment.filters["address"] = address_of
    environment.tests["web_address"] = is_web_address
    return environment


def _render(environment: jinja2.Environment, shared: dict[str, object], template: str, **page: object) -> str:
    return environment.get_template(template).render({**shared, **page}) + "\n"


def _group_by_instrument(provisions: Sequence[ProvisionText]) -> list[tuple[str, list[ProvisionText]]]:
    ordered = sorted(provisions, key=lambda provision: (provision.instrument, provision.id))
    return [(name, list(group)) for name, group in groupby(ordered, key=lambda provision: provision.instrument)]


def _group_examples(provision: ProvisionText) -> list[tuple[str, list[object]]]:
    groups = [(title, [e for e in provision.examples if e.kind == kind]) for kind, title in _HEADINGS]
    return [(title, list(examples)) for title, examples in groups if examples]


def _list_pages(register: Register) -> list[dict[str, str]]:
    """List what the search finds: `text` is what it looks in, beside title and id."""
    pages = []
    for provision in register.provisions:
        latest = provision.versions[0]
        duties = " ".join(duty.title for duty in latest.duties)
        pages.append(
            {
                "href": f"provisions/{provision.id}.html",
                "title": latest.title,
                "id": provision.id,
                "kind": "provision" if latest.confirmed else "provision, unconfirmed",
                "text": f"{latest.citation} {latest.text} {latest.responsible} {duties}",
            }
        )
    pages += [
        {
            "href": f"values/{value.id}.html",
            "title": value.id,
            "id": value.id,
            "kind": value.kind,
            "text": value.citation,
        }
        for value in register.values
    ]
    pages += [
        {
            "href": f"facts.html#{kind.name}",
            "title": kind.name,
            "id": kind.name,
            "kind": "facts",
            "text": f"{kind.describe} {' '.join(field for field, *_ in kind.fields)}",
        }
        for kind in register.types
    ]
    return pages
