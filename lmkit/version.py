"""The version of lmkit, stored in every file and signature."""

__version__ = "0.2.0"
NAME_AND_VERSION = f"lmkit {__version__}"  # as --version prints it
