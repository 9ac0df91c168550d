"""Loads the runner; everything else is in `torchkata/`."""

import gc

from torchkata import compatibility

compatibility.require()  # before torch is imported
gc.disable()  # while torch is imported, which would be searched for garbage again and again; the plugin turns it on
pytest_plugins = ["torchkata.plugin"]


def pytest_configure(config):
    compatibility.allow_read_only(config)
