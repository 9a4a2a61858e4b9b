"""A function whose hook takes its time after a restore."""

import os
import time
from typing import Any

from snapshot_restore_py import register_after_restore


def handler(event: Any, context: Any) -> str:
    """Say that it has been restored."""
    return "restored"


register_after_restore(time.sleep, float(os.environ["SECONDS"]))
