"""`lmkit demo`: all of it on the bundled texts, explained."""
