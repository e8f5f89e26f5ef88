"""Files that lie elsewhere: object stores through Arrow, servers of the web and the Hub of Hugging Face through the standard library."""
