"""From the program itself to what people read of it: a page a command, for the site and for `man`; the Python reference; the site."""
