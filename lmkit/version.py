"""The version of lmkit, stored in every file and signature."""

__version__ = "0.1.0"
