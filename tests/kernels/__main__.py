"""``python -m kernels``: see ``install.py``."""

import sys

from kernels.install import main

sys.exit(main(sys.argv[1:]))
