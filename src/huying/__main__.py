"""``python -m huying``: the command line, inside its environment."""

import sys

from huying.kernel.cli.main import main

sys.exit(main(sys.argv[1:]))
