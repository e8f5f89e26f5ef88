"""Curves of texts and models: from figures to pictures and text."""
