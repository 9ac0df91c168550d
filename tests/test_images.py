"""Images are opened whatever the network and the disk are like: no waiting, no half download, and one line says why."""

import gzip
import hashlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torchvision.datasets import FashionMNIST

from torchkata import digits, images
from torchkata.images import NAME, open_images

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "reference" / "train_for_real.py"
FILES = {True: "train", False: "t10k"}


def idx(values):
    """A tensor of bytes as an IDX file."""
    return struct.pack(f">{1 + values.ndim}I", 0x800 + values.ndim, *values.shape) + values.numpy().tobytes()


def small_files(sizes=None):
    """The four files of a small FashionMNIST: seven training images and five test images."""
    files = {}
    for train, count in (sizes or {True: 7, False: 5}).items():
        pixels = torch.arange(count * 28 * 28).reshape(count, 28, 28) % 251
        files[f"{FILES[train]}-images-idx3-ubyte"] = idx(pixels.byte())
        files[f"{FILES[train]}-labels-idx1-ubyte"] = idx((torch.arange(count) * 3 % 10).byte())
    return files


def put(root, files):
    raw = root / NAME / "raw"
    raw.mkdir(parents=True)
    for name, data in files.items():
        (raw / name).write_bytes(data)
    return raw


def everything(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


class Server:
    """A web server on this machine: pages by path, each bytes or a function that gets the handler."""

    def __init__(self):
        self.pages, self.asked = {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                page = outer.pages.get(self.path)
                if callable(page):
                    page(self)
                elif page is None:
                    self.send_error(404)
                else:
                    begin(self, len(page))
                    if self.command == "GET":
                        self.wfile.write(page)

            do_HEAD = do_GET

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.block_on_close = False
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


def begin(handler, length):
    handler.send_response(200)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


@pytest.fixture
def server(monkeypatch):
    """A server that has a small FashionMNIST, which torchvision takes for the real one."""
    made = Server()
    packed = {f"{name}.gz": gzip.compress(data) for name, data in small_files().items()}
    made.pages = {f"/{name}": data for name, data in packed.items()}
    monkeypatch.setattr(FashionMNIST, "mirrors", [made.url])
    monkeypatch.setattr(
        FashionMNIST, "resources", [(name, hashlib.md5(data).hexdigest()) for name, data in packed.items()]
    )
    monkeypatch.setenv("no_proxy", "*")
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def no_lookup(monkeypatch):
    """Fail when anything is looked up: nothing may go to the network."""

    def refuse(*args, **kwargs):
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def expect_digits(found, *, train=True):
    pixels, labels = digits.load(train=train)
    assert found.name == "digits" and found.class_names == tuple("0123456789")
    assert torch.equal(found.images, pixels) and torch.equal(found.labels, labels)


@pytest.mark.usefixtures("no_lookup")
@pytest.mark.parametrize(("train", "count"), [(True, 7), (False, 5)])
def test_what_is_there_is_opened_without_a_network(tmp_path, capsys, train, count):
    put(tmp_path, small_files())
    before = everything(tmp_path)
    found = open_images(tmp_path, train=train)
    assert found.name == NAME and found.class_names[9] == "Ankle boot" and len(found.class_names) == 10
    assert found.images.dtype == torch.uint8 and found.images.shape == (count, 28, 28)
    assert found.labels.dtype == torch.int64 and found.labels.tolist() == [i * 3 % 10 for i in range(count)]
    assert found.images[0, 0, :3].tolist() == [0, 1, 2]
    kind = "training" if train else "test"
    assert capsys.readouterr().out == f"FashionMNIST: {count} {kind} images, read from {tmp_path / NAME}\n"
    assert everything(tmp_path) == before


@pytest.mark.usefixtures("no_lookup")
def test_without_a_download_the_digits_stand_in(tmp_path, capsys):
    found = open_images(tmp_path / "data", train=False, download=False)
    expect_digits(found, train=False)
    line = f"digits: 359 test images, shipped with torchkata: {tmp_path / 'data' / NAME} is not there\n"
    assert capsys.readouterr().out == line and found.source in line
    assert everything(tmp_path) == []


def test_a_download_is_moved_into_place_when_it_is_whole(tmp_path, server, capsys):
    root = tmp_path / "new" / "data"
    found = open_images(root, train=True)
    assert found.name == NAME and len(found.images) == 7
    assert capsys.readouterr().out == f"FashionMNIST: 7 training images, downloaded to {root / NAME}\n"
    assert [path.name for path in root.iterdir()] == [NAME]
    count = len(server.asked)
    again = open_images(root, train=False)
    assert len(again.images) == 5 and again.source == f"read from {root / NAME}" and len(server.asked) == count
    assert len(FashionMNIST(root, train=False)) == 5


def test_no_name_server_means_digits_at_once(tmp_path, monkeypatch, capsys):
    def fails(*args, **kwargs):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    start = time.monotonic()
    expect_digits(open_images(tmp_path / "data", train=True))
    assert time.monotonic() - start < 5
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "can't be downloaded" in out and "name resolution" in out
    assert everything(tmp_path) == []


def test_a_name_server_that_hangs_is_not_waited_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(60))
    start = time.monotonic()
    expect_digits(open_images(tmp_path, train=True))
    assert time.monotonic() - start < 5
    assert "no answer from fashion-mnist.s3-website" in capsys.readouterr().out
    assert everything(tmp_path) == []


def test_a_server_that_never_answers_is_not_waited_for(tmp_path, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(FashionMNIST, "mirrors", [f"http://127.0.0.1:{silent.getsockname()[1]}/"])
        monkeypatch.setenv("no_proxy", "*")
        start = time.monotonic()
        expect_digits(open_images(tmp_path, train=True))
        assert time.monotonic() - start < 5
    assert "can't be downloaded" in capsys.readouterr().out
    assert everything(tmp_path) == [] and socket.getdefaulttimeout() is None


def breaks_off(handler):
    """Half of what was promised."""
    begin(handler, 1000)
    handler.wfile.write(b"x" * 500)


def stalls(handler):
    """Half of what was promised, and then silence."""
    breaks_off(handler)
    handler.wfile.flush()
    time.sleep(20)


def is_wrong(handler):
    """The page of a hotel that wants a password first."""
    begin(handler, 5)
    handler.wfile.write(b"hello")


@pytest.mark.parametrize(
    "broken", [breaks_off, stalls, is_wrong, None], ids=lambda page: getattr(page, "__name__", "404")
)
@pytest.mark.parametrize("which", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_download_that_breaks_leaves_nothing_behind(tmp_path, server, monkeypatch, capsys, broken, which):
    monkeypatch.setattr(images, "STALL", 0.3)
    monkeypatch.setattr(images, "PATIENCE", 2.0)
    server.pages[f"/{which}.gz"] = broken
    socket.setdefaulttimeout(77.0)
    try:
        expect_digits(open_images(tmp_path / "data", train=True))
        assert socket.getdefaulttimeout() == 77.0
    finally:
        socket.setdefaulttimeout(None)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "is not there and can't be downloaded (" in out
    assert everything(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_whatever_interrupts_a_download_it_leaves_nothing_behind(tmp_path, server, monkeypatch, error):
    def raises(root):
        assert (root / NAME / "raw").is_dir()  # all has come, and is about to be tried out
        raise error

    monkeypatch.setattr(images, "_read", raises)
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            open_images(tmp_path, train=True)
    else:
        expect_digits(open_images(tmp_path, train=True))
    assert everything(tmp_path) == [] and socket.getdefaulttimeout() is None


def shortened(files):
    files["train-images-idx3-ubyte"] = files["train-images-idx3-ubyte"][:-100]


def emptied(files):
    files["t10k-labels-idx1-ubyte"] = b""


def lost(files):
    del files["t10k-images-idx3-ubyte"]


def mixed_up(files):
    files["train-labels-idx1-ubyte"] = files["t10k-labels-idx1-ubyte"]


def out_of_range(files):
    files["t10k-labels-idx1-ubyte"] = idx(torch.tensor([0, 1, 2, 3, 10]).byte())


DAMAGES = [shortened, emptied, lost, mixed_up, out_of_range]


@pytest.mark.usefixtures("no_lookup")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("train", [True, False])
def test_damaged_data_is_left_alone_and_named(tmp_path, capsys, damage, train):
    """Both parts are looked at, so that training and test images never come from different data sets."""
    files = small_files()
    damage(files)
    raw = put(tmp_path, files)
    expect_digits(open_images(tmp_path, train=train, download=False), train=train)
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and f"{tmp_path / NAME} is damaged (" in out
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == files


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_data_is_replaced_by_a_whole_download(tmp_path, server, damage):
    files = small_files()
    damage(files)
    put(tmp_path, files)
    found = open_images(tmp_path, train=True)
    assert found.source == f"downloaded to {tmp_path / NAME}" and len(found.images) == 7
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert open_images(tmp_path, train=False, download=False).name == NAME


def test_damaged_data_stays_when_the_download_breaks(tmp_path, server):
    server.pages["/t10k-labels-idx1-ubyte.gz"] = breaks_off
    files = small_files()
    shortened(files)
    raw = put(tmp_path, files)
    found = open_images(tmp_path, train=True)
    expect_digits(found)
    assert "is damaged (" in found.source and "can't be downloaded (" in found.source
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == files
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_stop(tmp_path, server, capsys):
    (tmp_path / "data").write_text("a file, where a folder should be")
    expect_digits(open_images(tmp_path / "data", train=True))
    assert "can't be downloaded (" in capsys.readouterr().out
    assert everything(tmp_path) == ["data"]


def test_images_cannot_be_changed_by_assignment(tmp_path):
    found = open_images(tmp_path, train=True, download=False)
    with pytest.raises(AttributeError):
        found.name = "mine"


def test_the_training_kata_is_a_program(tmp_path):
    """The reference, run as a program, opens what is below `data`, trains, and writes five pictures."""
    put(tmp_path / "data", small_files({True: 40, False: 12}))
    done = subprocess.run([sys.executable, REFERENCE], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("FashionMNIST: ") == 2 and "of 12 test images are right" in done.stdout
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert [path.stem for path in pictures] == ["confusion", "history", "samples", "weights", "wrongest"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_the_program_is_shipped_whole():
    """The part that puts all functions together is in the learner's file as it is in the reference."""
    learner = ROOT / "katas" / "14_train_for_real" / "train_for_real.py"
    texts = [path.read_text("utf-8").partition('\nif __name__ == "__main__":')[2] for path in (REFERENCE, learner)]
    assert texts[0] == texts[1] and "save_picture(" in texts[0]
