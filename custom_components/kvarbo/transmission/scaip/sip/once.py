"""A hook that is called once, however often a request has to be made."""

from collections.abc import Callable


class Once:
    """Calls a hook the first time only."""

    def __init__(self, hook: Callable[[], None] | None) -> None:
        """Hold the hook, None for none."""
        self._hook = hook

    def __call__(self) -> None:
        """Call it, the first time."""
        hook, self._hook = self._hook, None
        if hook is not None:
            hook()
