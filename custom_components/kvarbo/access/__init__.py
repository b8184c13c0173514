"""Who may come in, and when: the one Grant path, and a door that locks itself again. Pure.

Off by default. Nothing here moves a bolt: `grant` decides, `door` says what should be done, and the
home's shell does it and tells what came of it. The key and the lock's own keypad work without any of it.
"""
