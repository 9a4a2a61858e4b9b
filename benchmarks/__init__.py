"""What the module costs and how fast it is, measured."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "function"))  # for `python -m benchmarks.memory`, which is run as it is
