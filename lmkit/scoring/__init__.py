"""From a model and a text to figures: what every family of models shares."""
