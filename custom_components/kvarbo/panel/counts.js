// What who reads figures sees of a home: how many devices and rules it has, and nothing of any of them.

import { made } from "./made.js";
import { card, factsOf, redraw } from "./parts.js";

/** Make the page. */
export function makeCounts(desk) {
  const { words } = desk;
  const node = made("div", { class: "stack narrowed" });
  const update = ({ counts }) =>
    redraw(
      node,
      card(
        words.page("counts_title"),
        factsOf(
          [words.page("devices_count"), words.number(counts.devices)],
          [words.page("rules_count"), words.number(counts.rules)],
        ),
      ),
    );
  return { node, update };
}
