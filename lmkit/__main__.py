"""python -m lmkit"""

from lmkit.cli.entry import main

if __name__ == "__main__":
    main()
