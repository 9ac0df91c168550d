"""Loads the runner; everything else is in `torchkata/`."""

pytest_plugins = ["torchkata.plugin"]
