"""`kata new`: the files of a new skill, whole and consistent, with one example stub that is red as it should be."""

import keyword
import re
from pathlib import Path

from torchkata.skills import Skill, find_skills
from torchkata.stubfile import Problem, pristine, write

NAME = re.compile(r"(?:\d\d_)?([a-z][a-z0-9_]*)")

REFERENCE = '''"""{title}: say in one line what is learnt.

Results live on the device of the input tensor. Floats are float32 or float64.
"""

from jaxtyping import Float
from torch import Tensor


def {stub}(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return 2·x: every element doubled.

    Shape: that of `x`. Dtype: that of `x`. Memory: new.

    >>> {stub}(torch.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """
    return 2 * x
'''
TESTS = '''"""The properties of the {name} kata. `kata.name(...)` calls your function and keeps what a message needs."""

import torch
from hypothesis import example, given

from torchkata.checks import expect_own_memory, expect_tensor
from torchkata.strategies import tensors

FLOATS = (torch.float32, torch.float64)
any_tensor = tensors((2, 1, 0, 3), FLOATS, min_side=0)

# {stub}


@given(x=any_tensor)
@example(x=torch.tensor([[1.0, -2.0], [0.5, 4.0]]))
@example(x=torch.tensor([1.0, 2.0], dtype=torch.float64))
def test_{stub}__doubles_every_element(kata, x):
    """Every element is twice that of `x`."""
    expect_tensor(kata.{stub}(x), 2 * x.numpy().astype(float), dtype=x.dtype)


@given(x=any_tensor)
@example(x=torch.tensor([[1.0, -2.0], [0.5, 4.0]]))
def test_{stub}__has_memory_of_its_own(kata, x):
    """The result is a new tensor; `x` stays as it was."""
    expect_own_memory(kata.{stub}.on(x), x)
'''
MISTAKES = '''"""Wrong answers that people really write for `katas/{folder}`; each docstring says what is wrong."""

import torch
from jaxtyping import Float
from torch import Tensor

# {stub}


def {stub}__squared(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Every element is multiplied by itself; it should be multiplied by 2."""
    return x * x


def {stub}__in_place(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The result is written into `x`; it needs memory of its own."""
    return x.mul_(2)


def {stub}__float32(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The result is always float32; it has the dtype of `x`."""
    return (2 * x).float()


def {stub}__flat(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The result has one dimension; it has the shape of `x`."""
    return 2 * x.flatten()


def {stub}__repeated(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """`x` stands there twice, as a list does when it is multiplied; its elements should be doubled."""
    return torch.cat([x.flatten(), x.flatten()])
'''
ALTERNATIVES = '''"""Right answers to `katas/{folder}` written in other ways; all must pass."""

from jaxtyping import Float
from torch import Tensor


def {stub}__sum(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    return x + x


def {stub}__mul(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    return x.mul(2)
'''
HINTS = """# Hints: {name}

## {stub}

1. Which operator works on every element of a tensor at once?
2. `2 * x`.
"""
LESSON = """# {number} · {title}

Say in a few lines what this is about.

```python
>>> import torch
>>> 2 * torch.tensor([1.0, 2.0])
tensor([2., 4.])
```

## Traps

- `x *= 2` changes the tensor that the caller holds.

## Read next

- [torch](https://docs.pytorch.org/docs/stable/torch.html): all operations

Open `katas/{folder}/{name}.py`, write one function, then run `pytest katas/{folder}`.
"""


def make(root: Path, text: str) -> list[Path]:
    """Write the files of a new skill with the next free number; nothing that is there is replaced."""
    match = NAME.fullmatch(text)
    if match is None or keyword.iskeyword(match[1]):
        raise Problem(f"`{text}` can't be the name of a skill: small letters, digits and _, such as `attention`")
    skills, name = find_skills(root), match[1]
    if not (root / "tests" / "alternatives").is_dir():
        raise Problem(f"{root} is a learner's workspace; a new skill is made in a clone of torchkata")
    if name in {each.name for each in skills}:
        raise Problem(f"there is a skill `{name}` already")
    number = max((int(each.folder.name[:2]) for each in skills), default=0) + 1
    if number > 99:
        raise Problem("there is no free number below 100")
    skill = Skill(root / "katas" / f"{number:02}_{name}")
    stub = "double" if name != "double" else "doubled"
    words = {
        "name": name, "folder": skill.folder.name, "stub": stub, "number": f"{number:02}",
        "title": name.replace("_", " ").capitalize(),
    }  # fmt: skip
    templates = {
        skill.reference: REFERENCE, skill.tests: TESTS, skill.hints: HINTS, skill.lesson: LESSON,
        skill.mistakes: MISTAKES, skill.alternatives: ALTERNATIVES,
    }  # fmt: skip
    taken = [path for path in templates if path.exists()]
    if taken:
        raise Problem(f"{taken[0].relative_to(root)} exists already; nothing was written")
    skill.folder.mkdir()
    for path, template in templates.items():
        write(path, template.format(**words).encode())
    write(skill.stubs, pristine(skill).encode())
    return [skill.stubs, *templates]
