"""A stub file is read and written so that nothing else in it changes."""

import os

import pytest

from tests.demo_workspace import REFERENCE, ship, solve
from torchkata import source
from torchkata.skills import find_skills
from torchkata.stubfile import Problem, StubFile, pristine, replace_stub, stub_names, stub_texts, write

TEXT = '''"""Two stubs."""
import math


def one(x):
    """Say."""
    return x  # text with \x0c and \u2028 in it

@staticmethod
# between
def two():
    s = """
def not_a_stub(): pass
"""
    return s
    # a last word

# not part of it

class Three:
    def go(self): return 3
'''
NEW = "def one(x):\n    return 1\n    # and more"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "stubs.py"


def test_the_stubs_are_found_without_parsing_as_parsing_finds_them():
    for skill in find_skills(source_root()):
        assert stub_names(skill) == list(source.public(source.parse(skill.reference)))


def source_root():
    from torchkata.workspace import shipped

    return shipped()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_only_the_stub_changes(path, encoding, newline):
    path.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    replace_stub(path, "one", NEW)
    old = stub_texts_of(TEXT)["one"]
    assert path.read_bytes() == TEXT.replace(old, NEW).replace("\n", newline).encode(encoding)


def stub_texts_of(text):
    return StubFile.parse(None, text.encode()).texts()


def test_a_latin_1_file_stays_one(path):
    text = f"# -*- coding: latin-1 -*-\n{TEXT}# é\n".replace("\u2028", "")
    path.write_bytes(text.encode("latin-1"))
    replace_stub(path, "one", NEW)
    assert "é".encode("latin-1") in path.read_bytes() and b"return 1" in path.read_bytes()


def test_what_an_encoding_lacks_is_one_clear_line(path):
    path.write_bytes(f"# coding: latin-1\n{TEXT}".replace("\u2028", "").encode("latin-1"))
    before = path.read_bytes()
    with pytest.raises(Problem, match=r"saved as latin-1, which has no “Σ”"):
        replace_stub(path, "one", "def one():\n    'Σ'")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "data, words",
    [
        (TEXT.encode("utf-16"), "is saved as UTF-16"),
        (TEXT.encode("utf-16-le"), "is saved as UTF-16"),
        ("x = 'é'\n".encode("latin-1"), "is not saved as UTF-8"),
        (b"# coding: klingon\n", "klingon, which Python does not know"),
        (b"def f(:\n", "has a syntax error in line 1"),
        (b"x = 1\ndef f():\nreturn\n", "has a syntax error in line 3"),
        (b"x" * 300 + b"\0", "stubs.py"),
    ],
)
def test_a_file_that_is_not_python_is_one_clear_line(path, data, words):
    path.write_bytes(data)
    with pytest.raises(Problem, match=words) as error:
        stub_texts(path)
    assert "\n" not in str(error.value) and path.read_bytes() == data


def test_a_missing_file_is_one_clear_line(path):
    with pytest.raises(Problem, match="is missing"):
        stub_texts(path)


def test_a_text_has_its_decorators_and_its_last_comment():
    texts = stub_texts_of(TEXT)
    assert texts["two"].startswith("@staticmethod\n# between") and texts["two"].endswith("# a last word")
    assert list(texts) == ["one", "two", "Three"]


def test_a_stub_put_back_is_the_same_file(path):
    path.write_bytes(TEXT.encode())
    for name, text in stub_texts(path).items():
        replace_stub(path, name, text)
    assert path.read_bytes() == TEXT.encode()


def test_a_last_line_without_an_end_stays_so(path):
    path.write_bytes(b"def one(x):\n    return x")
    replace_stub(path, "one", NEW)
    assert path.read_bytes() == NEW.encode()


def test_a_deleted_stub_comes_back_to_its_place(path):
    path.write_bytes(b"def a():\n    pass\n\n\ndef c():\n    pass")
    file = StubFile.read(path)
    new = file.replaced({"b": "def b():\n    pass", "d": "def d():\n    pass"}, ["a", "b", "c", "d"])
    assert list(StubFile.parse(path, new).texts()) == ["a", "b", "c", "d"]
    assert new.endswith(b"def d():\n    pass\n")


def test_several_stubs_are_replaced_and_removed_at_once(path):
    path.write_bytes(TEXT.encode())
    new = StubFile.read(path).replaced({"one": NEW, "four": "def four():\n    pass"}, ["one", "four"], remove=["two"])
    texts = StubFile.parse(path, new).texts()
    assert list(texts) == ["one", "four", "Three"] and texts["one"] == NEW
    assert b"# not part of it" in new


def test_the_last_definition_of_a_name_counts(path):
    path.write_bytes(b"def one():\n    pass\n\n\ndef one(x):\n    return x\n")
    replace_stub(path, "one", NEW)
    assert path.read_bytes() == f"def one():\n    pass\n\n\n{NEW}\n".encode()


def test_a_line_belongs_to_a_stub():
    file = StubFile.parse(None, TEXT.encode())
    assert file.at(6) == "one" and file.at(2) is None and file.at(10) == "two"


def test_a_fingerprint_sees_what_a_stub_uses_and_nothing_else(tmp_path):
    skill = ship(tmp_path)
    skill.stubs.write_text(REFERENCE)
    before = StubFile.read(skill.stubs)
    skill.stubs.write_text(REFERENCE.replace("    return x\n", "    return +x\n"))
    after = StubFile.read(skill.stubs)
    assert before.fingerprint("double") != after.fingerprint("double")
    assert before.fingerprint("root") == after.fingerprint("root")
    assert after.fingerprint("nothing") == ""


def test_the_pristine_file_has_stubs_and_no_solution(tmp_path):
    skill = ship(tmp_path)
    solve(skill, "double", "return x + x")
    file = StubFile.parse(skill.stubs, pristine(skill).encode())
    assert all(file.is_unwritten(name) for name in stub_names(skill)) and list(file.texts()) == stub_names(skill)


def test_a_save_in_between_is_not_overwritten(path):
    path.write_bytes(b"x = 1\n")
    with pytest.raises(Problem, match="saved at the same moment"):
        write(path, b"x = 3\n", expected=b"x = 2\n")
    assert path.read_bytes() == b"x = 1\n" and os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="links and rights are other things there")
def test_a_link_stays_a_link_and_rights_stay(tmp_path):
    target = tmp_path / "target.py"
    target.write_bytes(b"x = 1\n")
    target.chmod(0o640)
    link = tmp_path / "link.py"
    link.symlink_to(target)
    write(link, b"x = 2\n")
    assert link.is_symlink() and target.read_bytes() == b"x = 2\n" and target.stat().st_mode & 0o777 == 0o640


def test_what_a_killed_process_left_is_swept_up(tmp_path):
    (tmp_path / ".a.py.123.tmp").write_bytes(b"half")
    write(tmp_path / "a.py", b"whole")
    assert os.listdir(tmp_path) == ["a.py"]
