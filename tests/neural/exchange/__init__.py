"""Folders of GPT-2's shape."""
