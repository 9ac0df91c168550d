"""Names are forgiving, and typos get a suggestion."""

from pathlib import Path

import pytest

from tests.demo_workspace import REFERENCE, ship
from torchkata.names import UnknownName, all_names, resolve, resolve_stub


@pytest.fixture
def root(tmp_path):
    ship(tmp_path)
    ship(tmp_path, REFERENCE.replace("double", "triple"), folder="12_sgd_loop")
    return tmp_path


@pytest.mark.parametrize(
    "text, found",
    [
        ("01", "numbers"), ("1", "numbers"), ("01_numbers", "numbers"), ("numbers", "numbers"), (" NUMBERS ", "numbers"),
        ("12", "sgd_loop"), ("sgd-loop", "sgd_loop"), ("numbers.root", "numbers.root"), ("01.root", "numbers.root"),
        ("numbers::root", "numbers.root"), ("1.ROOT", "numbers.root"), ("double", "numbers.double"),
        ("Double", "numbers.double"), ("triple", "sgd_loop.triple"), ("katas/01_numbers", "numbers"),
        ("katas/01_numbers/", "numbers"), ("katas\\01_numbers", "numbers"), ("./katas/01_numbers/numbers.py", "numbers"),
        ("numbers.py", "numbers"), ("reference/numbers.py", "numbers"), ("katas/01_numbers/test_numbers.py", "numbers"),
        ("katas/01_numbers/numbers.py:14", "numbers.double"), ("katas/01_numbers/numbers.py:1", "numbers"),
        ("katas/01_numbers/test_numbers.py::test_root__squares_back[cpu]", "numbers.root"),
    ],
)  # fmt: skip
def test_a_name_is_found(root, text, found):
    assert str(resolve(root, text)) == found


def test_an_absolute_path_is_found_in_its_own_workspace_only(root):
    assert str(resolve(root, str(root / "katas/01_numbers/numbers.py"))) == "numbers"
    with pytest.raises(UnknownName, match="not part of the workspace"):
        resolve(root, str(Path(root.anchor) / "elsewhere" / "01_numbers" / "numbers.py"))


@pytest.mark.parametrize(
    "text, said",
    [
        ("duoble", "Did you mean `double`"), ("numbrs", "Did you mean `numbers`"), ("numbers.rot", "Did you mean `root`"),
        ("numbrs.root", "Did you mean `numbers.root`"), ("numbers.triple", "but `sgd_loop` has"),
        ("root", "write `numbers.root` or `sgd_loop.root`"), ("Counter", "is in several skills"),
        ("zzzz", "`kata list` shows what there is"), ("99", "no skill or stub `99`"), ("", "`kata list`"),
        ("katas/77_numbrs", "no skill at"), ("a.b.c", "no skill `a`"),
    ],
)  # fmt: skip
def test_what_is_unknown_or_not_clear_is_said_in_one_line(root, text, said):
    with pytest.raises(UnknownName) as error:
        resolve(root, text)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_skill_is_not_enough_where_a_stub_is_wanted(root):
    with pytest.raises(UnknownName, match=r"such as `numbers.double`"):
        resolve_stub(root, "numbers")


def test_completion_knows_all_names(root):
    assert set(all_names(root)) == {"numbers", "sgd_loop", "double", "triple", "root", "Counter"}


def test_names_are_found_while_the_file_has_a_syntax_error(root):
    (root / "katas/01_numbers/numbers.py").write_text("def (")
    assert str(resolve(root, "double")) == "numbers.double"
