"""Hooks for Lambda's SnapStart, with which many environments are copies of one, made once its start is done."""

from __future__ import annotations

from snapshot_restore_py import register_after_restore, register_before_snapshot  # Lambda's Python runtimes bring it

from .environment import Environment


def register(environment: Environment) -> None:
    """Register the hooks, before the author's module registers its own.

    Hooks before the snapshot run in reverse order, those after a restore in order, within 10 s (Developer Guide, Lambda
    SnapStart runtime hooks for Python): so the author's find the server as it was, and as it will be.
    """
    register_before_snapshot(environment.before_snapshot)
    register_after_restore(environment.after_restore)
