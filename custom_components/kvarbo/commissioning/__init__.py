"""An installation that cannot be half done: what is proven, what is open, what was left with a reason. Pure."""
