"""The pictures of the course, drawn from its texts: `python -m docs.course.drawing` writes them all anew into docs/course/figures."""
