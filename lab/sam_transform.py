"""Transforms a SAM template as CloudFormation does, by AWS's own code: JSON on standard input, JSON on standard output.

Run by ministack_stacks.py in `.venv-cloudformation`, as the environment of the local AWS does without that code.
"""

import json
import sys
from types import SimpleNamespace

from samtranslator.translator.transform import transform

if __name__ == "__main__":
    print(json.dumps(transform(json.load(sys.stdin), {}, SimpleNamespace(load=dict))))
