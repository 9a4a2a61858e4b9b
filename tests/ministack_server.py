"""Runs MiniStack, in the environment that has it: `.venv-aws/bin/python tests/ministack_server.py [--tied]`.

With --tied it ends when its standard input closes, so that it never outlives what started it, however that ends.
"""

import os
import sys
import threading

from ministack.app import main
from ministack.core import iam_actions
from ministack.services import lambda_svc


def share_reserved_concurrency() -> None:
    """Make versions and aliases draw on the function's reserved concurrency.

    "Reserved concurrency applies to the entire function, including versions and aliases" (Lambda Developer Guide,
    Configuring reserved concurrency). MiniStack 1.5.33 looks for it in the record of the version, where it never is.
    """
    of_record = lambda_svc._reserved_concurrency

    def of_function(record, config):
        return of_record(lambda_svc._functions.get(config["FunctionName"]) or record, config)

    lambda_svc._reserved_concurrency = of_function


def take_arns_for_names_of_parameters() -> None:
    """Ask for the right to read an SSM parameter by its ARN, when it is named by its ARN.

    GetParameter takes both ("Name: the name or Amazon Resource Name (ARN) of the parameter", Systems Manager API
    Reference). With AUTH, MiniStack 1.5.33 then looks for a right to `parameter/arn:…`.
    """
    of_request = iam_actions.extract_resource_arn

    def of_parameter(*args, **kwargs):
        arn = of_request(*args, **kwargs)
        return arn.split(":parameter/", 1)[1] if ":parameter/arn:" in arn else arn

    iam_actions.extract_resource_arn = of_parameter


def end_with_standard_input() -> None:
    """Leave at the end of a pipe that nobody writes to: when its other end is closed, or its owner is dead."""

    def wait() -> None:
        os.read(0, 1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    share_reserved_concurrency()
    take_arns_for_names_of_parameters()
    if sys.argv[1:] == ["--tied"]:
        end_with_standard_input()
    sys.argv = ["ministack"]
    main()
