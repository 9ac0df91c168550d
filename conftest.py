"""Loads the runner; everything else is in `torchkata/`."""

import gc

gc.disable()  # while torch is imported, which would be searched for garbage again and again; the plugin turns it on
pytest_plugins = ["torchkata.plugin"]
