"""A hook of mkdocs: puts the files that lie elsewhere in the tree into the site, with their links turned round."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    "benchmarks/README.md": "benchmarks.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
}


def lessons() -> dict[str, str]:
    """The lesson of each kata by its place in the site."""
    return {f"lessons/{path.parent.name}.md": str(path.relative_to(ROOT)) for path in _readmes()}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the lessons in the navigation."""
    for entry in config.nav or []:
        if entry.get("Lessons") == "lessons":
            entry["Lessons"] = list(lessons())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files from outside `docs/`."""
    outside = {place: source for source, place in PAGES.items()} | lessons()
    for place, source in outside.items():
        files.append(File.generated(config, place, content=(ROOT / source).read_text("utf-8")))
    files.append(File.generated(config, "LICENSE", content=(ROOT / "LICENSE").read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Any, **rest: Any) -> str:
    """Turn links between files of the tree into links between pages."""
    up = "../" if page.file.src_uri.startswith("lessons/") else ""
    markdown = re.sub(r"\]\((?:\.\./)*katas/(\w+)/(?:README\.md)?\)", rf"]({up}lessons/\1.md)", markdown)
    markdown = re.sub(r"\]\((?:\.\./)*benchmarks/README\.md", rf"]({up}benchmarks.md", markdown)
    markdown = re.sub(r"\]\((?:\.\./)+README\.md", rf"]({up}index.md", markdown)
    return re.sub(r"\]\((?:docs/|\.\./)(?=[\w.-]+(?:#[\w-]+)?\))", f"]({up}", markdown)


def _readmes() -> list[Path]:
    return sorted(ROOT.glob("katas/[0-9][0-9]_*/README.md"))
