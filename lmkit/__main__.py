"""python -m lmkit"""

from lmkit.cli.app import main

if __name__ == "__main__":
    main()
