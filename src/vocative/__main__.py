"""`python -m vocative` is the same as `vocative`."""

from vocative.cli import main

if __name__ == "__main__":
    main()
