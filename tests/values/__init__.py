"""Values of the library as Python, notebooks and other libraries see them."""
