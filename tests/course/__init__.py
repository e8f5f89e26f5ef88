"""The course as people meet it: in the terminal, in notebooks."""
