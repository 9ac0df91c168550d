"""torchkata teaches PyTorch by making red tests green."""

__version__ = "0.1.0"
