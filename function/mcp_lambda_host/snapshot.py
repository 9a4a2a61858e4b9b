"""Hooks for Lambda's SnapStart, with which many environments are copies of one, made once its start is done."""

from __future__ import annotations

# Lambda's Python runtimes bring it
from snapshot_restore_py import get_after_restore, register_after_restore, register_before_snapshot

from .environment import Environment


def register(environment: Environment) -> None:
    """Register the hooks, before the author's module registers its own.

    Hooks before the snapshot run in reverse order, those after a restore in order, within 10 s (Developer Guide, Lambda
    SnapStart runtime hooks for Python): so the author's find the server as it was, and as it will be.
    """
    register_before_snapshot(environment.before_snapshot)
    register_after_restore(_restore, environment)


def _restore(environment: Environment) -> None:
    """Restore, and let a hook that an import has registered again take the place of the one from the first import."""
    hooks = get_after_restore()
    known = len(hooks)
    environment.after_restore()
    for again in map(_identity, hooks[known:]):
        for place in range(known):
            if _identity(hooks[place]) == again:
                del hooks[place]  # the runtime is still at the first one, this
                known -= 1
                break


def _identity(hook: tuple[object, ...]) -> tuple[object, object]:
    called = hook[0]
    return getattr(called, "__module__", None), getattr(called, "__qualname__", type(called))
