"""Named wrong answers to saving and loading; each docstring is what the learner is told."""

import copy
import io
import os
import pickle
import shutil
import tempfile
import uuid
from pathlib import Path

import torch
from torch import nn

EQUIVALENT = {"save_atomically": {"None": "without `file.flush()`: `torch.save` flushes the file that it was given"}}

# save_weights


def save_weights__whole_model(model, path):
    """The file holds the model itself, which only the same code can load; write its `state_dict()`."""
    torch.save(model, path)


def save_weights__parameters_only(model, path):
    """`named_parameters` leaves out the buffers, such as the running mean of BatchNorm; `state_dict` has both."""
    torch.save({name: p.detach() for name, p in model.named_parameters()}, path)


def save_weights__shared_once(model, path):
    """`named_parameters` gives a weight that two layers share under its first name only; `state_dict` has both."""
    once = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    torch.save({name: once[name].detach() for name in model.state_dict() if name in once}, path)


def save_weights__all_buffers(model, path):
    """`named_buffers` also gives buffers with `persistent=False`, which no model wants back; write `state_dict()`."""
    mine = model.state_dict(keep_vars=True)
    torch.save({name: tensor.detach() for name, tensor in {**mine, **dict(model.named_buffers())}.items()}, path)


def save_weights__list_of_parameters(model, path):
    """A list of parameters has no names, and the buffers are missing; write the `state_dict()`."""
    torch.save([p.detach() for p in model.parameters()], path)


def save_weights__method_not_called(model, path):
    """`model.state_dict` without parentheses is the method, and with it goes the whole model; call it."""
    torch.save(model.state_dict, path)


def save_weights__half_precision(model, path):
    """The numbers are rounded to float16 on the way; the file is to hold them bit for bit."""
    torch.save({name: t.half() if t.is_floating_point() else t for name, t in model.state_dict().items()}, path)


def save_weights__plain_pickle(model, path):
    """`pickle.dump` writes a file that `torch.load` does not accept; use `torch.save`."""
    with open(path, "wb") as file:
        pickle.dump(model.state_dict(), file)


def save_weights__wrapped(model, path):
    """The state dict lies in another dict, under a key; the file is to hold the state dict itself."""
    torch.save({"state_dict": model.state_dict()}, path)


def save_weights__switches_to_eval(model, path):
    """Saving puts the model into eval mode, so a training that goes on has lost its dropout; leave the mode alone."""
    model.eval()
    torch.save(model.state_dict(), path)


def save_weights__other_name(model, path):
    """The file gets a name of its own, with an ending more; write to `path` exactly."""
    torch.save(model.state_dict(), f"{path}.pth")


def save_weights__never_replaces(model, path):
    """An old file stays, and the new weights are lost; saving replaces it."""
    if not path.exists():
        torch.save(model.state_dict(), path)


# load_weights


def load_weights__stays_in_training(model, path):
    """Dropout and BatchNorm still behave as in training; call `eval()` after loading."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model


def load_weights__returns_the_report(model, path):
    """`load_state_dict` returns a report of the keys, not the model; it changes the model in place."""
    model.eval()
    return model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))


def load_weights__not_strict(model, path):
    """`strict=False` keeps quiet about names that are missing or unexpected; here they are an error."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=False)
    return model.eval()


def load_weights__top_module_only(model, path):
    """`training = False` switches one module, and those inside it stay in train mode; `eval()` switches all."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    model.training = False
    return model


def load_weights__into_a_copy(model, path):
    """The weights go into a copy, and the model that was given stays as it was; load into the model itself."""
    model = copy.deepcopy(model)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def load_weights__no_map_location(model, path):
    """Tensors go back to the device they were saved on, and it may not be here; `map_location` sends them elsewhere."""
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def load_weights__runs_code(model, path):
    """`weights_only=False` runs any code that is in the file; write `weights_only=True`."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=False))
    return model.eval()


def load_weights__trusts_the_default(model, path):
    """`weights_only` is left to its default, which depends on version and environment; write `weights_only=True`."""
    model.load_state_dict(torch.load(path, map_location="cpu"))
    return model.eval()


def load_weights__parameters_only(model, path):
    """The buffers, such as the running mean of BatchNorm, are not loaded; `load_state_dict` loads them too."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    copy.deepcopy(model).load_state_dict(state)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(state[name])
    return model.eval()


def load_weights__broadcasts(model, path):
    """`copy_` spreads (1, 2) over (3, 2), so weights of another shape go in without a word; compare the shapes too."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    mine = model.state_dict()
    if mine.keys() != state.keys():
        raise RuntimeError(f"does not fit: {sorted(mine.keys() ^ state.keys())}")
    for name, tensor in mine.items():
        tensor.copy_(state[name])
    return model.eval()


def load_weights__shared_once(model, path):
    """`named_parameters` has a weight that two layers share under its first name only; use `load_state_dict`."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    once = [name for name, _ in [*model.named_parameters(), *model.named_buffers()]]
    twice = [name for name in model.state_dict() if name not in once and name in state]
    if twice:
        raise RuntimeError(f"unexpected: {twice}")
    model.load_state_dict(state)
    return model.eval()


def load_weights__freezes(model, path):
    """The parameters no longer require grad; `eval()` is all that was asked for."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval().requires_grad_(False)


def load_weights__assigns(model, path):
    """`assign=True` makes new parameters, with the file's device and dtype, and an optimizer holds the old ones."""
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), assign=True)
    return model.eval()


def load_weights__new_parameters(model, path):
    """The parameters become new objects, while an optimizer holds the old ones; `load_state_dict` copies into them."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    mine = model.state_dict()
    state = {name: tensor.to(mine[name]) if name in mine else tensor for name, tensor in state.items()}
    model.load_state_dict(state, assign=True)
    return model.eval()


def load_weights__in_the_dtype_of_the_file(model, path):
    """The model takes on the dtype of the file; it is to keep its own, and the numbers are converted."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(state)
    for p in model.parameters():
        floats = [tensor.dtype for tensor in state.values() if tensor.is_floating_point()]
        p.data = p.data.to(floats[0])
    return model.eval()


def load_weights__returns_the_state(model, path):
    """The result is the dict of weights; return the model."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(state)
    model.eval()
    return state


# load_onto


def load_onto__moves_afterwards(path, device):
    """The tensors first go to the device they were saved on, which may not be here; `map_location` prevents that."""
    return {name: tensor.to(device) for name, tensor in torch.load(path, weights_only=True).items()}


def load_onto__always_on_the_cpu(path, device):
    """All tensors end on the CPU; give the device that was asked for to `map_location`."""
    return torch.load(path, map_location="cpu", weights_only=True)


def load_onto__runs_code(path, device):
    """`weights_only=False` runs any code that is in the file; write `weights_only=True`."""
    return torch.load(path, map_location=device, weights_only=False)


def load_onto__trusts_the_default(path, device):
    """`weights_only` is left to its default, which depends on version and environment; write `weights_only=True`."""
    return torch.load(path, map_location=device)


def load_onto__floats_only(path, device):
    """Integers and bools stay where they are, the counters of BatchNorm among them; every tensor is to move."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: t.to(device) if t.is_floating_point() else t for name, t in state.items()}


def load_onto__as_float32(path, device):
    """`float()` changes every dtype to float32; the tensors are to keep theirs."""
    return {name: t.float() for name, t in torch.load(path, map_location=device, weights_only=True).items()}


def load_onto__without_names(path, device):
    """The result is a list, and nobody knows which tensor is which; keep the dict."""
    return list(torch.load(path, map_location=device, weights_only=True).values())


def load_onto__trainable(path, device):
    """The tensors require grad; those of a `state_dict` do not."""
    state = torch.load(path, map_location=device, weights_only=True)
    return {name: t.requires_grad_(t.is_floating_point()) for name, t in state.items()}


def load_onto__sorted(path, device):
    """The names come sorted; their order is to be that of the file."""
    return dict(sorted(torch.load(path, map_location=device, weights_only=True).items()))


# save_model


def save_model__state_dict(model, path):
    """The file holds the weights only, without a class to put them in; write the model itself."""
    torch.save(model.state_dict(), path)


def save_model__switches_to_eval(model, path):
    """Saving puts the model into eval mode, so a training that goes on has lost its dropout; leave the mode alone."""
    torch.save(model.eval(), path)


def save_model__in_eval_mode(model, path):
    """The model in the file is always in eval mode; it is to have the mode that the model has now."""
    torch.save(copy.deepcopy(model).eval(), path)


def save_model__in_a_tuple(model, path):
    """A comma behind `model` makes a tuple of it, and the file holds a tuple; write the model itself."""
    torch.save((model,), path)


def save_model__as_text(model, path):
    """The text that `print` shows has no weights in it; write the model itself."""
    torch.save(str(model), path)


def save_model__plain_pickle(model, path):
    """`pickle.dump` writes a file that `torch.load` does not accept; use `torch.save`."""
    with open(path, "wb") as file:
        pickle.dump(model, file)


def save_model__attributes(model, path):
    """The file holds the model's attributes in a dict, and the class is lost; write the model itself."""
    torch.save(model.__dict__, path)


def save_model__unfreezes(model, path):
    """In the file all parameters require grad; frozen ones are to stay frozen."""
    torch.save(copy.deepcopy(model).requires_grad_(True), path)


def save_model__children(model, path):
    """The file holds a list of the inner modules; write the model, which knows how they belong together."""
    torch.save(list(model.children()), path)


# load_model


def load_model__trailing_comma(path):
    """The comma behind the call makes a tuple with one model in it; take the comma away."""
    model = (torch.load(path, map_location="cpu", weights_only=False).eval(),)
    return model


def load_model__stays_in_training(path):
    """Dropout and BatchNorm still behave as in training; call `eval()` after loading."""
    return torch.load(path, map_location="cpu", weights_only=False)


def load_model__weights_only(path):
    """`weights_only=True` refuses classes, so no whole model can be loaded with it; switch it off here."""
    return torch.load(path, map_location="cpu", weights_only=True).eval()


def load_model__no_map_location(path):
    """Tensors go back to the device they were saved on, and it may not be here; `map_location` sends them elsewhere."""
    return torch.load(path, weights_only=False).eval()


def load_model__top_module_only(path):
    """`training = False` switches one module, and those inside it stay in train mode; `eval()` switches all."""
    model = torch.load(path, map_location="cpu", weights_only=False)
    model.training = False
    return model


def load_model__state_dict(path):
    """The result is the dict of weights; return the model."""
    return torch.load(path, map_location="cpu", weights_only=False).eval().state_dict()


def load_model__freezes(path):
    """The parameters no longer require grad; `eval()` is all that was asked for."""
    return torch.load(path, map_location="cpu", weights_only=False).eval().requires_grad_(False)


def load_model__method_not_called(path):
    """`model.eval` without parentheses is the method, and nothing is switched; call it."""
    return torch.load(path, map_location="cpu", weights_only=False).eval


# load_safely


def load_safely__error_of_torch(path):
    """The error is torch's own UnpicklingError; catch it and raise a ValueError with the file's name."""
    return torch.load(path, map_location="cpu", weights_only=True)


def load_safely__retries(path):
    """What was refused is loaded a second time with `weights_only=False`, and its code runs; refuse it for good."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        return torch.load(path, map_location="cpu", weights_only=False)


def load_safely__trusts_the_default(path):
    """`weights_only` is left to its default, which depends on version and environment; write `weights_only=True`."""
    try:
        return torch.load(path, map_location="cpu")
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} may run code") from error


def load_safely__looks_afterwards(path):
    """The code of the file runs while it is loaded, so a look at the result is too late; use `weights_only=True`."""
    loaded = torch.load(path, map_location="cpu", weights_only=False)
    if isinstance(loaded, nn.Module) or callable(loaded):
        raise ValueError(f"{path} holds more than plain values")
    return loaded


def load_safely__silent(path):
    """A dangerous file gives None, and nobody hears of it; raise ValueError."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        return None


def load_safely__nameless(path):
    """The message does not say which file was refused; put its name in."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError("this file may run code") from error


def load_safely__no_map_location(path):
    """Tensors go back to the device they were saved on, and it may not be here; `map_location` sends them elsewhere."""
    try:
        return torch.load(path, weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} may run code") from error


def load_safely__tensors_only(path):
    """Numbers and strings are thrown away, though they are safe; return all that the file holds."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} may run code") from error
    return {name: value for name, value in loaded.items() if isinstance(value, torch.Tensor)}


def load_safely__dict_only(path):
    """A list or a tensor is refused, though it is as harmless as a dict; return whatever the file holds."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} may run code") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"{path} holds no dict")
    return loaded


def _named_by_text(value):
    if isinstance(value, dict):
        return {str(name): _named_by_text(each) for name, each in value.items()}
    return type(value)(map(_named_by_text, value)) if isinstance(value, (list, tuple)) else value


def load_safely__keys_as_text(path):
    """A key 0 becomes "0"; the keys of a dict are to keep their types too."""
    try:
        return _named_by_text(torch.load(path, map_location="cpu", weights_only=True))
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} may run code") from error


# find_mismatches


def find_mismatches__swapped(model, state):
    """Missing and unexpected are exchanged: a name is missing if the model has it and the state has not."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return [name for name in state if name not in mine], [name for name in mine if name not in state], wrong


def find_mismatches__parameters_only(model, state):
    """Buffers are forgotten: they count as unexpected here, and a missing one is not seen; use `state_dict()`."""
    mine = dict(model.named_parameters())
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__shared_once(model, state):
    """`named_parameters` has a weight that two layers share under its first name only; use `state_dict()`."""
    once = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    mine = {name: once[name] for name in model.state_dict() if name in once}
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__all_buffers(model, state):
    """A buffer with `persistent=False` counts as missing, and no `state_dict` has it; use `state_dict()`."""
    mine = {**model.state_dict(), **dict(model.named_buffers())}
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__counts_elements(model, state):
    """The numbers of elements are compared, so (2, 3) and (3, 2) look alike; compare the shapes."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].numel() != mine[name].numel()]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__counts_dimensions(model, state):
    """The numbers of dimensions are compared, so (2, 3) and (2, 4) look alike; compare the shapes."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].ndim != mine[name].ndim]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__dtypes_matter(model, state):
    """Another dtype counts as a wrong shape; only shapes are compared here."""
    mine = model.state_dict()
    facts = [(name, state[name], mine[name]) for name in mine if name in state]
    wrong = [name for name, a, b in facts if a.shape != b.shape or a.dtype != b.dtype]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__shape_counts_twice(model, state):
    """A name with a wrong shape is in the list of missing ones too; both sides have it."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    missing = [name for name in mine if name not in state or name in wrong]
    return missing, [name for name in state if name not in mine], wrong


def find_mismatches__sorted(model, state):
    """The names are sorted; they are to come in the order of the model and of the state."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return sorted(mine.keys() - state.keys()), sorted(state.keys() - mine.keys()), sorted(wrong)


def find_mismatches__first_only(model, state):
    """Each list stops at its first name; all names that do not fit are wanted."""
    mine = model.state_dict()
    wrong = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return [name for name in mine if name not in state][:1], [name for name in state if name not in mine][:1], wrong[:1]


def find_mismatches__crashes_when_missing(model, state):
    """A missing name is looked up in the state all the same, which raises KeyError; compare common names only."""
    mine = model.state_dict()
    wrong = [name for name in mine if state[name].shape != mine[name].shape]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


def find_mismatches__by_position(model, state):
    """Shapes are compared by position, so one missing name shifts all others; look tensors up by name."""
    mine = model.state_dict()
    wrong = [name for (name, a), b in zip(mine.items(), state.values()) if a.shape != b.shape]
    return [name for name in mine if name not in state], [name for name in state if name not in mine], wrong


# load_strictly


def load_strictly__plain(model, state):
    """`load_state_dict` raises RuntimeError, and only after it has copied what fits; find the mismatches first."""
    model.load_state_dict(state)


def load_strictly__half_done(model, state):
    """When `load_state_dict` raises, it has copied what fits, so the model is half old, half new; check first."""
    names = list(dict.fromkeys([*model.state_dict(), *state]))
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(f"does not fit: {names}") from error


def load_strictly__not_strict(model, state):
    """`strict=False` keeps quiet about names that are missing or unexpected; here they are an error."""
    model.load_state_dict(state, strict=False)


def load_strictly__silent(model, state):
    """A state that does not fit is passed over without a word; raise ValueError."""
    mine = model.state_dict()
    if list(mine) == list(state) and all(state[name].shape == mine[name].shape for name in mine):
        model.load_state_dict(state)


def load_strictly__first_name_only(model, state):
    """The message names one mismatch, so the next comes to light only after that is mended; name them all."""
    mine = model.state_dict()
    for name in [*mine, *state]:
        if name not in mine or name not in state or state[name].shape != mine[name].shape:
            raise ValueError(f"{name} does not fit")
    model.load_state_dict(state)


def load_strictly__names_only(model, state):
    """Shapes are not checked, so a wrong one is found when part of the model is loaded; check them like the names."""
    wrong = model.state_dict().keys() ^ state.keys()
    if wrong:
        raise ValueError(f"does not fit: {sorted(wrong)}")
    model.load_state_dict(state)


def load_strictly__assigns(model, state):
    """`assign=True` (or `.data =`) puts in other tensors, of the state's dtypes, and an optimizer holds the old ones;
    copy the numbers instead."""
    mine = model.state_dict()
    wrong = [n for n in [*mine, *state] if n not in mine or n not in state or state[n].shape != mine[n].shape]
    if wrong:
        raise ValueError(f"does not fit: {wrong}")
    model.load_state_dict(state, assign=True)


def load_strictly__shared_once(model, state):
    """`named_parameters` has a weight that two layers share under its first name only; use `state_dict()`."""
    once = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    mine = {name: once[name] for name in model.state_dict() if name in once}
    wrong = [n for n in [*mine, *state] if n not in mine or n not in state or state[n].shape != mine[n].shape]
    if wrong:
        raise ValueError(f"does not fit: {wrong}")
    model.load_state_dict(state)


def load_strictly__switches_to_eval(model, state):
    """The model ends in eval mode; here the mode stays as it is."""
    mine = model.state_dict()
    wrong = [n for n in [*mine, *state] if n not in mine or n not in state or state[n].shape != mine[n].shape]
    if wrong:
        raise ValueError(f"does not fit: {wrong}")
    model.load_state_dict(state)
    model.eval()


def load_strictly__returns_the_report(model, state):
    """`load_state_dict` returns a report of the keys, and so does the function; return nothing."""
    mine = model.state_dict()
    wrong = [n for n in [*mine, *state] if n not in mine or n not in state or state[n].shape != mine[n].shape]
    if wrong:
        raise ValueError(f"does not fit: {wrong}")
    return model.load_state_dict(state)


def load_strictly__in_a_loop(model, state):
    """Each tensor is checked just before it is copied, so those before the first misfit are loaded; check all first."""
    mine = model.state_dict()
    wrong = [n for n in [*mine, *state] if n not in mine or n not in state or state[n].shape != mine[n].shape]
    for name, tensor in mine.items():
        if name in wrong:
            raise ValueError(f"does not fit: {wrong}")
        tensor.copy_(state[name])
    if wrong:
        raise ValueError(f"does not fit: {wrong}")


# save_atomically


def _free_name(path):
    return path.with_name(uuid.uuid4().hex)


def save_atomically__in_place(data, path):
    """The old file is emptied before the new one is written, and a crash leaves neither; write a temporary file."""
    with open(path, "wb") as file:
        torch.save(data, file)
        file.flush()
        os.fsync(file.fileno())


def save_atomically__deletes_first(data, path):
    """The old file is deleted before the new one is there, so a crash in between leaves none; just replace it."""
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(Path(folder, "new"), path)


def save_atomically__leaves_the_temporary_file(data, path):
    """After an error the temporary file stays in the folder; delete it in a `finally` or let a `with` do it."""
    temporary = _free_name(path)
    with open(temporary, "wb") as file:
        torch.save(data, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def save_atomically__forgets_control_c(data, path):
    """KeyboardInterrupt is no `Exception`, so after Ctrl-C the temporary file stays; clean up in a `finally`."""
    temporary = _free_name(path)
    try:
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except Exception:
        temporary.unlink()
        raise


def save_atomically__syncs_outside(data, path):
    """`os.fsync` stands outside of the `try`, and when it raises, the temporary file stays; put it inside."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            torch.save(data, file)
            file.flush()
        except BaseException:
            os.unlink(file.name)
            raise
        os.fsync(file.fileno())
    os.replace(file.name, path)


def save_atomically__dicts_only(data, path):
    """`items` is called whatever the data is, and a list has none; give `data` to `torch.save` as it is."""
    data = {name: value.detach() if isinstance(value, torch.Tensor) else value for name, value in data.items()}
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(Path(folder, "new"), path)


def save_atomically__swallows_the_error(data, path):
    """The error ends here, and the caller believes that all is saved; let it pass on."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            with open(Path(folder, "new"), "wb") as file:
                torch.save(data, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(Path(folder, "new"), path)
    except Exception:
        pass


def save_atomically__another_error(data, path):
    """The error becomes another one, and the caller can't tell a full disk from a bug; let it pass on."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            with open(Path(folder, "new"), "wb") as file:
                torch.save(data, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(Path(folder, "new"), path)
    except Exception as error:
        raise RuntimeError("can't save") from error


def save_atomically__no_fsync(data, path):
    """The name may reach the disk before the bytes do, and a power cut then leaves an empty file; call `os.fsync`."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        torch.save(data, Path(folder, "new"))
        os.replace(Path(folder, "new"), path)


def save_atomically__no_flush(data, path):
    """`os.fsync` syncs what the system has, and part of the bytes is in Python's buffer still; flush before it."""
    buffer = io.BytesIO()
    torch.save(data, buffer)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb", buffering=2**20) as file:
            file.write(buffer.getvalue())
            os.fsync(file.fileno())
        os.replace(Path(folder, "new"), path)


def save_atomically__from_memory(data, path):
    """The bytes go into the old file one after the other, and a kill in between breaks it; write a temporary file."""
    buffer = io.BytesIO()
    torch.save(data, buffer)
    with open(path, "wb") as file:
        file.write(buffer.getvalue())
        file.flush()
        os.fsync(file.fileno())


def save_atomically__copies(data, path):
    """Copying takes time, and a kill in between breaks the old file; rename with `os.replace`."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        shutil.copyfile(Path(folder, "new"), path)


def save_atomically__keeps_the_temporary_file(data, path):
    """The temporary file is copied and stays in the folder for ever; rename it with `os.replace`."""
    temporary = _free_name(path)
    with open(temporary, "wb") as file:
        torch.save(data, file)
        file.flush()
        os.fsync(file.fileno())
    shutil.copyfile(temporary, path)


def save_atomically__keeps_a_backup(data, path):
    """The old file stays beside the new one under another name; nothing but the new file is to be there."""
    if path.exists():
        os.replace(path, _free_name(path))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(Path(folder, "new"), path)


def save_atomically__replaces_whatever_happens(data, path):
    """The rename is in the `finally`, so after an error half a file replaces the old one; rename at the end only."""
    temporary = _free_name(path)
    try:
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
    finally:
        os.replace(temporary, path)


def save_atomically__another_suffix(data, path):
    """The temporary file is always `last.tmp`, and a file of that name is lost; let `tempfile` find a free name."""
    temporary = path.with_suffix(".tmp")
    try:
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_atomically__longer_name(data, path):
    """The temporary file is always `last.pt.tmp`, and a file of that name is lost; let `tempfile` find a free name."""
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_atomically__rare_name(data, path):
    """The temporary file has a rare name and still always the same, so a file of that name is lost; use `tempfile`."""
    temporary = path.with_name(f"{path.name}.partial")
    try:
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_atomically__only_if_free(data, path):
    """If a file `last.pt.tmp` is there, maybe since a crash, nothing is saved; let `tempfile` find a free name."""
    temporary = path.with_name(f"{path.name}.tmp")
    with open(temporary, "xb") as file:
        try:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink()
            raise


def save_atomically__plain_pickle(data, path):
    """`pickle.dump` writes a file that `torch.load` does not accept; use `torch.save`."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            pickle.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(Path(folder, "new"), path)


def save_atomically__returns_the_path(data, path):
    """The result is what `os.replace` or `Path.replace` returns; return nothing."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with open(Path(folder, "new"), "wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        return Path(folder, "new").replace(path)


# save_checkpoint


def _parts(model, optimizer, scheduler, generator, epoch):
    parts = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    return {**parts, "generator": generator.get_state(), "rng": torch.get_rng_state(), "epoch": epoch}


def save_checkpoint__no_momentum(path, model, optimizer, scheduler, generator, epoch):
    """Only the optimizer's settings are written, so its momentum is lost; write its whole `state_dict()`."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    parts["optimizer"] = {**parts["optimizer"], "state": {}}
    torch.save(parts, path)


def save_checkpoint__no_optimizer(path, model, optimizer, scheduler, generator, epoch):
    """The optimizer is missing: its momentum and its learning rate would start anew."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    del parts["optimizer"]
    torch.save(parts, path)


def save_checkpoint__seed_of_the_generator(path, model, optimizer, scheduler, generator, epoch):
    """The seed of the generator takes a training back to the start of its random numbers; write its state."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    torch.save({**parts, "generator": generator.initial_seed()}, path)


def save_checkpoint__seed_of_torch(path, model, optimizer, scheduler, generator, epoch):
    """The seed of torch's generator takes dropout back to the start of its random numbers; write its state."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    torch.save({**parts, "rng": torch.initial_seed()}, path)


def save_checkpoint__one_generator_twice(path, model, optimizer, scheduler, generator, epoch):
    """The state of torch's global generator stands in both places; the data is shuffled by another generator."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    torch.save({**parts, "generator": torch.get_rng_state()}, path)


def save_checkpoint__no_rng(path, model, optimizer, scheduler, generator, epoch):
    """The state of torch's global generator is missing, so dropout would drop other elements."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    del parts["rng"]
    torch.save(parts, path)


def save_checkpoint__next_epoch(path, model, optimizer, scheduler, generator, epoch):
    """The epoch in the file is one too many; write the number that was given."""
    torch.save(_parts(model, optimizer, scheduler, generator, epoch + 1), path)


def save_checkpoint__whole_objects(path, model, optimizer, scheduler, generator, epoch):
    """The file holds a whole object, which `weights_only=True` refuses; write the `state_dict()` of each."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    torch.save({**parts, "model": model}, path)


def save_checkpoint__reseeds(path, model, optimizer, scheduler, generator, epoch):
    """Saving seeds torch's generator anew and so changes the training; read the state and change nothing."""
    torch.manual_seed(epoch + 1)
    torch.save(_parts(model, optimizer, scheduler, generator, epoch), path)


def save_checkpoint__switches_to_eval(path, model, optimizer, scheduler, generator, epoch):
    """The model is in eval mode afterwards, and the training goes on without dropout; leave the mode alone."""
    model.eval()
    torch.save(_parts(model, optimizer, scheduler, generator, epoch), path)


def save_checkpoint__learning_rate_only(path, model, optimizer, scheduler, generator, epoch):
    """Of the scheduler only the learning rate is written, and not its count of epochs; write its `state_dict()`."""
    parts = _parts(model, optimizer, scheduler, generator, epoch)
    torch.save({**parts, "scheduler": {"_last_lr": scheduler.get_last_lr()}}, path)


def save_checkpoint__draws(path, model, optimizer, scheduler, generator, epoch):
    """A random number is drawn from the generator, so the next epoch has another order; only read its state."""
    torch.rand(1, generator=generator)
    torch.save(_parts(model, optimizer, scheduler, generator, epoch), path)


# load_checkpoint


def _restore(checkpoint, model, optimizer, scheduler, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    generator.set_state(checkpoint["generator"])
    torch.set_rng_state(checkpoint["rng"])
    return checkpoint["epoch"]


def load_checkpoint__no_optimizer(path, model, optimizer, scheduler, generator):
    """The optimizer starts anew, without its momentum and with its first learning rate; load its state too."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return _restore({**checkpoint, "optimizer": optimizer.state_dict()}, model, optimizer, scheduler, generator)


def load_checkpoint__no_momentum(path, model, optimizer, scheduler, generator):
    """The optimizer gets its learning rate and not its momentum; load its whole state."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    checkpoint["optimizer"]["state"] = {}
    return _restore(checkpoint, model, optimizer, scheduler, generator)


def load_checkpoint__first_learning_rate(path, model, optimizer, scheduler, generator):
    """The optimizer keeps the learning rate it was made with; that of the checkpoint belongs to its state."""
    rate = optimizer.param_groups[0]["lr"]
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    epoch = _restore(checkpoint, model, optimizer, scheduler, generator)
    optimizer.param_groups[0]["lr"] = rate
    return epoch


def load_checkpoint__no_scheduler(path, model, optimizer, scheduler, generator):
    """The scheduler counts from 0 again, so the learning rate falls too late; load its state too."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return _restore({**checkpoint, "scheduler": scheduler.state_dict()}, model, optimizer, scheduler, generator)


def load_checkpoint__no_rng(path, model, optimizer, scheduler, generator):
    """torch's global generator goes on from where it is, so dropout drops other elements; set its state too."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return _restore({**checkpoint, "rng": torch.get_rng_state()}, model, optimizer, scheduler, generator)


def load_checkpoint__no_generator(path, model, optimizer, scheduler, generator):
    """The generator that shuffles starts anew, so the samples come in another order; set its state too."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return _restore({**checkpoint, "generator": generator.get_state()}, model, optimizer, scheduler, generator)


def load_checkpoint__next_epoch(path, model, optimizer, scheduler, generator):
    """The result is one too many; return the number of epochs done, as it is in the file."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return _restore(checkpoint, model, optimizer, scheduler, generator) + 1


def load_checkpoint__switches_to_eval(path, model, optimizer, scheduler, generator):
    """The model is in eval mode, and the training goes on without dropout; leave the mode alone."""
    model.eval()
    return _restore(torch.load(path, map_location="cpu", weights_only=True), model, optimizer, scheduler, generator)


def load_checkpoint__runs_code(path, model, optimizer, scheduler, generator):
    """`weights_only=False` runs any code that is in the file; write `weights_only=True`."""
    return _restore(torch.load(path, map_location="cpu", weights_only=False), model, optimizer, scheduler, generator)


def load_checkpoint__trusts_the_default(path, model, optimizer, scheduler, generator):
    """`weights_only` is left to its default, which depends on version and environment; write `weights_only=True`."""
    return _restore(torch.load(path, map_location="cpu"), model, optimizer, scheduler, generator)


def load_checkpoint__no_map_location(path, model, optimizer, scheduler, generator):
    """Tensors go back to the device they were saved on, and it may not be here; `map_location` sends them elsewhere."""
    return _restore(torch.load(path, weights_only=True), model, optimizer, scheduler, generator)


def load_checkpoint__weights_only(path, model, optimizer, scheduler, generator):
    """Only the weights are loaded, as if for predicting; a training also needs all other parts."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"])
    return checkpoint["epoch"]


def load_checkpoint__skips_what_is_missing(path, model, optimizer, scheduler, generator):
    """A part that the file lacks is passed over, and the training goes on differently; let the KeyError pass on."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    mine = {"generator": generator.get_state(), "rng": torch.get_rng_state(), "epoch": 0}
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    states = {name: part.state_dict() for name, part in parts.items()}
    return _restore({**states, **mine, **checkpoint}, model, optimizer, scheduler, generator)


def load_checkpoint__not_strict(path, model, optimizer, scheduler, generator):
    """`strict=False` keeps quiet about the weights of another model, and the training goes on with its own; drop it."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"], strict=False)
    return _restore({**checkpoint, "model": model.state_dict()}, model, optimizer, scheduler, generator)
