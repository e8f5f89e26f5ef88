"""The course: its chapters as they stand in docs/course, to be walked through in a terminal or in notebooks."""

import os
import tempfile

from lmkit.course.folders import copy_texts


def begin() -> None:
    """Change to a new folder that holds the texts of the course: the first thing its notebooks do."""
    folder = tempfile.mkdtemp(prefix="lmkit-course-")
    copy_texts(folder)
    os.chdir(folder)
