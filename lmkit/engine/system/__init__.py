"""The system that the program runs on: what its errors mean, and what it is to be told before libraries are loaded."""
