"""The documents: the site is built with strict links, the picture is a real screen, and what is said is so."""

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from torchkata.skills import find_skills

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EACH = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
SKILLS = find_skills(ROOT)


class Sources(HTMLParser):
    """Collects what a page loads: addresses of scripts, styles and pictures."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("script", "img", "iframe") or (tag == "link" and values.get("rel") == "stylesheet"):
            self.found.append(values.get("src") or values.get("href") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    pytest.importorskip("material", reason="the site needs `pip install -e '.[docs]'`")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_site_has_each_lesson_and_page(site):
    pages = [
        "index.html",
        "teachers/index.html",
        "how-it-works/index.html",
        "versions/index.html",
        "CONTRIBUTING/index.html",
    ]
    pages += [f"lessons/{skill.folder.name}/index.html" for skill in SKILLS if skill.lesson.is_file()]
    assert [page for page in pages if not (site / page).is_file()] == []
    assert (site / "wrong_answer.svg").is_file() and not list(site.rglob("*.py"))


def test_the_site_loads_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        sources = Sources()
        sources.feed(page.read_text("utf-8"))
        assert not [source for source in sources.found if re.match(r"(https?:)?//", source)], page


@EACH
def test_a_link_to_a_file_leads_somewhere(path):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@EACH
def test_a_line_is_at_most_120_columns_wide(path):
    wide = [
        line for line in path.read_text("utf-8").splitlines() if len(line) > 120 and not line.startswith(("|", "$"))
    ]
    assert wide == []


def test_the_readme_names_each_kata():
    text = (ROOT / "README.md").read_text("utf-8")
    assert [skill.folder.name for skill in SKILLS if f"`{skill.folder.name}`" not in text] == []


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if "tox " in path.read_text("utf-8")], ids=lambda path: path.name
)
def test_an_environment_of_tox_that_is_named_exists(path):
    text = (ROOT / "tox.ini").read_text("utf-8")
    for name in re.findall(r"tox (?:run )?-e ([\w-]+)", path.read_text("utf-8")):
        python, _, torch = name.partition("-")
        assert f"[testenv:{name}]" in text or re.search(
            rf"\[testenv:py\{{[\d,]*{python[2:]}[\d,]*\}}-{torch}\]", text
        ), name


def test_the_picture_is_what_pytest_prints():
    pytest.importorskip("rich", reason="the picture needs `pip install -e '.[docs]'`")
    spec = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
    picture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(picture)
    assert picture.drawn(picture.screen()) == picture.TARGET.read_text("utf-8"), "run: python docs/picture.py"
