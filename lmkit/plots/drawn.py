"""What notebooks show as a picture."""


class Drawn:
    """A value that can be drawn."""

    def _repr_svg_(self) -> str | None:
        """The picture, as notebooks show it; None, for which they show the value in a line, where matplotlib is not installed."""
        from lmkit.plots.files import svg_of

        return svg_of(self)
