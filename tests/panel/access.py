"""How the panel is checked for EN 301 549 / WCAG 2.2 AA: by axe-core, and by what a tool cannot see."""

import json
from pathlib import Path
from typing import Any, Final

from tests.panel.living import PANEL
from tests.simulator.municipality.browser import Browser

_AXE: Final = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
#: The rules of WCAG up to 2.2 AA, and what the makers of the tool call best practice.
_RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: Home Assistant's page around ours is not ours to judge: whether it has one heading of the first order, or all of it
#: in landmarks.
_AROUND: Final = ("region", "page-has-heading-one", "landmark-one-main", "bypass")


async def broken_rules(tab: Browser) -> list[str]:
    """Return what axe-core finds wrong with the panel as it stands; empty where all is well."""
    if not await tab.value("Boolean(window.axe)"):
        await tab.value(f"(() => {{ {_AXE}; }})()")
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": list(_RULES)},
        "rules": {rule: {"enabled": False} for rule in _AROUND},
        "resultTypes": ["violations"],
    }
    found = await tab.value(
        f"""(async () => {{
          const nodes = [...{PANEL}.children].filter((one) => one.checkVisibility());
          const looked = await axe.run({{ include: nodes }}, {json.dumps(options)});
          if (looked.passes.length < 8) return [`only ${{looked.passes.length}} rules were looked at`];
          return looked.violations.flatMap((broken) =>
            broken.nodes.map((node) => `${{broken.id}}: ${{node.html.slice(0, 120)}} ${{node.failureSummary}}`));
        }})()"""
    )
    return [str(one) for one in found]


async def unfit_for_fingers(tab: Browser) -> list[str]:
    """Return controls of the panel that are smaller than 24 by 24 CSS pixels (2.5.8), or have no name (4.1.2)."""
    found = await tab.value(
        f"""[...{PANEL}.querySelectorAll("a, button, input, select")].flatMap((one) => {{
          if (!one.checkVisibility()) return [];
          const {{ width, height }} = one.getBoundingClientRect();
          const name = one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent.trim();
          const what = `${{one.tagName}} ${{one.id}}`;
          const small = Math.min(width, height) < 20 || (one.tagName !== "INPUT" && Math.min(width, height) < 24);
          return [...(small ? [`${{what}} is small`] : []), ...(name ? [] : [`${{what}} has no name`])];
        }})"""
    )
    return [str(one) for one in found]


async def reached_by_keyboard(tab: Browser, most: int = 60) -> list[str]:
    """Press Tab through the panel from its first control; return the ids in that order, each with a visible mark."""
    # A mark is for who uses the keyboard: a browser takes the first key as the sign of it.
    await tab.press("Tab")
    controls = f"[...{PANEL}.querySelectorAll('a, button, input, select')]"
    await tab.value(f"{controls}.find((one) => one.checkVisibility()).focus()")
    reached: list[str] = []
    for _ in range(most):
        here = await tab.value(
            f"""(() => {{
              const at = {PANEL}.activeElement;
              if (!at) return null;
              // A card of choice is marked as a whole.
              const marked = [at, at.closest("label")].filter(Boolean).map((one) => getComputedStyle(one))
                .some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
              return `${{at.id || at.className || at.tagName}}${{marked ? "" : " unmarked"}}`;
            }})()"""
        )
        if here is None or here in reached:
            break
        reached.append(str(here))
        await tab.press("Tab")
    return reached


async def overflow(tab: Browser) -> int:
    """Return by how many pixels the panel is wider than its window (1.4.10)."""
    wide: int = await tab.value(f"{PANEL}.host.scrollWidth - {PANEL}.host.clientWidth")
    return wide
