"""Right answers to saving and loading, written in other ways than the reference."""

import copy
import io
import os
import pickle
import tempfile
import uuid
from collections import OrderedDict
from pathlib import Path

import torch


def save_weights__open_file(model, path):
    with path.open("wb") as file:
        torch.save(model.state_dict(), file)


def save_weights__bytes(model, path):
    buffer = io.BytesIO()
    torch.save({name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}, buffer)
    path.write_bytes(buffer.getvalue())


def save_weights__string(model, path):
    torch.save(OrderedDict(model.state_dict()), str(path))


def load_weights__bytes(model, path):
    buffer = io.BytesIO(path.read_bytes())
    model.load_state_dict(torch.load(buffer, map_location=lambda storage, location: storage, weights_only=True))
    model.train(False)
    return model


def load_weights__loop(model, path):
    state = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    mine = model.state_dict()
    if set(state) != set(mine) or any(state[name].shape != mine[name].shape for name in mine):
        raise RuntimeError("these weights are of another model")
    for name, tensor in mine.items():
        tensor.copy_(state[name])
    for module in model.modules():
        module.training = False
    return model


def load_weights__eval_first(model, path):
    with open(path, "rb") as file:
        state = torch.load(file, "cpu", weights_only=True)
    model.eval().load_state_dict(state, strict=True)
    return model


def load_onto__by_way_of_the_cpu(path, device):
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: tensor.to(device) for name, tensor in state.items()}


def load_onto__open_file(path, device):
    with open(path, "rb") as file:
        return torch.load(file, torch.device(device), weights_only=True)


def load_onto__loop(path, device):
    state = OrderedDict()
    for name, tensor in torch.load(str(path), map_location=device, weights_only=True).items():
        state[name] = tensor.detach().clone()
    return state


def save_model__open_file(model, path):
    with open(path, "wb") as file:
        torch.save(model, file)


def save_model__bytes(model, path):
    buffer = io.BytesIO()
    torch.save(copy.deepcopy(model), buffer)
    path.write_bytes(buffer.getbuffer())


def load_model__open_file(path):
    with path.open("rb") as file:
        model = torch.load(file, torch.device("cpu"), weights_only=False)
    return model.train(mode=False)


def load_model__all_modules(path):
    model = torch.load(str(path), map_location=lambda storage, location: storage, weights_only=False)
    for module in model.modules():
        module.training = False
    return model


def load_safely__any_error(path):
    try:
        with path.open("rb") as file:
            return torch.load(file, map_location=torch.device("cpu"), weights_only=True)
    except Exception as error:
        raise ValueError(f"{path.name}: {error}") from None


def load_safely__flag(path):
    refused = False
    try:
        loaded = torch.load(io.BytesIO(path.read_bytes()), map_location="cpu", weights_only=True)
    except (pickle.PickleError, RuntimeError):
        refused = True
    if refused:
        raise ValueError("refused: " + str(path))
    return loaded


def find_mismatches__loop(model, state):
    missing, unexpected, wrong = [], list(state), []
    for name, tensor in model.state_dict().items():
        if name not in state:
            missing.append(name)
            continue
        unexpected.remove(name)
        if tuple(tensor.size()) != tuple(state[name].size()):
            wrong.append(name)
    return missing, unexpected, wrong


def find_mismatches__shapes(model, state):
    mine = {name: tensor.shape for name, tensor in model.state_dict().items()}
    theirs = {name: tensor.shape for name, tensor in state.items()}
    missing = [name for name in mine if theirs.get(name) is None]
    unexpected = [name for name in theirs if mine.get(name) is None]
    wrong = [name for name, shape in mine.items() if theirs.get(name, shape) != shape]
    return missing, unexpected, wrong


def load_strictly__loop(model, state):
    mine, wrong = model.state_dict(), []
    for name in dict.fromkeys([*mine, *state]):
        if name not in mine or name not in state or mine[name].shape != state[name].shape:
            wrong.append(name)
    if wrong:
        raise ValueError(", ".join(wrong))
    for name, tensor in mine.items():
        tensor.copy_(state[name])


def load_strictly__undo(model, state):
    before = copy.deepcopy(model.state_dict())
    try:
        model.load_state_dict(state)
        if any(state[name].shape != tensor.shape for name, tensor in before.items()):
            raise RuntimeError(f"shapes differ: {list(before)}")
    except RuntimeError as error:
        model.load_state_dict(before)
        raise ValueError(f"{error} {list(before)} {list(state)}") from error


def save_atomically__random_name(data, path):
    temporary = path.with_name(f"{path.name}.{uuid.uuid4()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(data, file)
            file.flush()
            os.fsync(file)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_atomically__named_temporary_file(data, path):
    file = tempfile.NamedTemporaryFile(dir=path.parent, delete=False)
    try:
        with file:
            torch.save(data, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(file.name, path)
    except BaseException:
        os.unlink(file.name)
        raise


def save_atomically__sync_by_name(data, path):
    folder = tempfile.mkdtemp(dir=path.parent)
    temporary = Path(folder, "data")
    try:
        torch.save(data, temporary)
        descriptor = os.open(temporary, os.O_RDWR)
        os.fsync(descriptor)
        os.close(descriptor)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
        os.rmdir(folder)


def save_atomically__bytes(data, path):
    buffer = io.BytesIO()
    torch.save(data, buffer)
    descriptor, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    temporary = Path(name)
    try:
        with open(descriptor, "wb", buffering=0) as file:
            rest = buffer.getbuffer()
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if temporary.exists():
            temporary.unlink()


def save_checkpoint__open_file(path, model, optimizer, scheduler, generator, epoch):
    held = {"epoch": epoch, "rng": torch.random.get_rng_state(), "generator": generator.get_state()}
    for name, part in (("scheduler", scheduler), ("optimizer", optimizer), ("model", model)):
        held[name] = part.state_dict()
    with open(path, "wb") as file:
        torch.save(held, file)


def save_checkpoint__more(path, model, optimizer, scheduler, generator, epoch):
    torch.save(
        dict(
            version=1,
            model=copy.deepcopy(model.state_dict()),
            optimizer=copy.deepcopy(optimizer.state_dict()),
            scheduler=dict(scheduler.state_dict()),
            generator=generator.get_state().clone(),
            rng=torch.default_generator.get_state(),
            epoch=epoch,
        ),
        str(path),
    )


def load_checkpoint__open_file(path, model, optimizer, scheduler, generator):
    with path.open("rb") as file:
        held = torch.load(file, torch.device("cpu"), weights_only=True)
    torch.random.set_rng_state(held.pop("rng"))
    generator.set_state(held.pop("generator"))
    epoch = held.pop("epoch")
    for name, part in (("scheduler", scheduler), ("optimizer", optimizer), ("model", model)):
        part.load_state_dict(held[name])
    return epoch


def load_checkpoint__loop(path, model, optimizer, scheduler, generator):
    held = torch.load(io.BytesIO(path.read_bytes()), map_location=lambda storage, _: storage, weights_only=True)
    for name, tensor in model.state_dict().items():
        tensor.copy_(held["model"][name])
    optimizer.load_state_dict(held["optimizer"])
    scheduler.load_state_dict(held["scheduler"])
    torch.default_generator.set_state(held["rng"])
    generator.set_state(held["generator"])
    return int(held["epoch"])
