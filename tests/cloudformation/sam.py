"""Prints as JSON what CloudFormation makes of a SAM template whose zip has been uploaded: `sam.py TEMPLATE S3_URI`.

The transform is AWS's own code, which the local AWS would run as well: here it runs in `.venv-cloudformation`, since
its dependencies beside the local AWS would be found by a zip that lacks them. `sam deploy` gives the template the
address of the zip that it has uploaded, too.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

if __name__ == "__main__":
    template = yaml_parse(Path(sys.argv[1]).read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = sys.argv[2]
    print(json.dumps(transform(template, {}, SimpleNamespace(load=dict))))
