"""Word classes: texts and counts -> classes of words (exchange clustering); classes and counts -> models of classes, which are models of words."""
