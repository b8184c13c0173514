// The first page of who coordinates or installs: what needs a person, pauses, what is watched.

import { makeConcerns } from "./concerns.js";
import { made } from "./made.js";
import { card, chip, redraw } from "./parts.js";
import { makePause } from "./pause.js";
import { standingOf } from "./rules.js";

/** Make the page; it shows what the home has told of, and no more is told than may be seen. */
export function makeOverview(desk) {
  const { words } = desk;
  const concerns = made("div", { class: "part" });
  const watched = made("div", { class: "part" });
  const pause = desk.sees("see_home") && desk.may("pause_supervision") ? makePause(desk) : null;
  const side = made("div", { class: "stack" }, pause?.node, watched);
  const node = made("div", { class: pause ? "columns even" : "stack" }, made("div", { class: "stack" }, concerns), side);

  function update(home) {
    redraw(concerns, makeConcerns(words, home));
    pause?.update(home);
    if (home.rules) redraw(watched, makeRules(words, home));
  }

  return { node, update };
}

function makeRules(words, home) {
  const title = words.page("watched");
  const rules = home.rules.filter((rule) => !rule.technical);
  if (!rules.length) return card(title, made("p", {}, words.page("watched_none")));
  const items = rules.map((rule) => made("li", { class: "item" }, ...standingOf(words, rule, home.residents, ...marksOf(words, rule))));
  return card(title, made("ul", { class: "items" }, ...items));
}

function marksOf(words, rule) {
  const owner = chip(words.page("owned_by", { owner: words.owner(rule.owner) }));
  const held = rule.held_back ? chip(words.page("held_back", { n: rule.held_back }), "bad") : null;
  const often = rule.often ? chip(words.page("often", { n: rule.often })) : null;
  return [owner, held, often];
}
