"""The documentation site: `make docs` writes it to build/docs. Built without the network; a warning
is an error. The Python reference is read from the installed package, the C++ reference from what
Doxygen wrote to build/api/xml, the command-line reference from the command's own parser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breathe.directives.file import DoxygenFileDirective
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tilewright
from tilewright import _core

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
XML = ROOT / "build" / "api" / "xml"

project = "Tilewright"
author = "the Tilewright contributors"
copyright = author
version = release = tilewright.__version__

extensions = [
    "breathe",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinxarg.ext",
]
exclude_patterns = ["Doxyfile"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

# Single backticks in docstrings are names of Python.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_class_signature = "separated"
autodoc_inherit_docstrings = False
# Types as users write them, not what they stand for.
autodoc_typehints_format = "short"
autodoc_type_aliases = {
    name: name.rpartition(".")[2]
    for name in (
        *("npt.ArrayLike", "npt.DTypeLike", "Address", "Argument", "Arguments", "Callback", "Core"),
        *("Padding", "PathLike", "Range", "Signal", "Source", "Stride", "Wait"),
    )
}
python_use_unqualified_type_names = True

breathe_projects = {"tilewright": str(XML)}
breathe_default_project = "tilewright"
breathe_show_include = False
# A namespace is declared by each of its headers.
suppress_warnings = ["duplicate_declaration.cpp"]

# Two hyphens are an option.
smartquotes = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"Tilewright {release}"
html_show_sourcelink = False
html_copy_source = False


def name_headers_by_path(*_: Any) -> None:
    """Doxygen's index has the bare names of headers, of which some are there twice."""
    index = XML / "index.xml"

    def with_path(found: re.Match[str]) -> str:
        location = re.findall(r'<location file="([^"]+)"', (XML / f"{found[1]}.xml").read_text())
        return f'refid="{found[1]}" kind="file"><name>{location[-1]}</name>'

    text = re.sub(r'refid="(\w+)" kind="file"><name>[^<]+</name>', with_path, index.read_text())
    index.write_text(text)


class HeaderDirective(DoxygenFileDirective):
    """What a header declares, without its private members."""

    def run(self) -> list[Any]:
        public = ("type", "func", "attrib", "static-func", "static-attrib")
        self.options["sections"] = " ".join(
            [
                *("briefdescription", "detaileddescription", "define", "typedef", "enum"),
                *("func", "var", "user-defined", *(f"public-{kind}" for kind in public)),
                *("innerclass", "innernamespace"),
            ]
        )
        found: list[Any] = super().run()
        return found


class HelpDirective(SphinxDirective):
    """What an installed program prints with --help."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        program = Path(_core.device_directory()).parents[1] / "bin" / self.arguments[0]
        done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
        return [nodes.literal_block(done.stdout, done.stdout, language="text")]


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_directive("help", HelpDirective)
    app.add_directive("doxygenfile", HeaderDirective, override=True)
    app.connect("config-inited", name_headers_by_path)
