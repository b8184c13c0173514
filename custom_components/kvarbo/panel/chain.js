// The alarm chain: whether it is proven, the receivers, and the ways out of the home.

import { made } from "./made.js";
import { card, chip, factsOf, redraw } from "./parts.js";

/** Make the page. */
export function makeChain(desk) {
  const { words } = desk;
  const node = made("div", { class: "stack narrowed" });
  const update = (home) =>
    redraw(node, makeProof(words, home.chain), makeReceivers(words, home.receivers), makeWays(words, home.ways));
  return { node, update };
}

function makeProof(words, chain) {
  const at = (time) => (time ? words.when(time) : words.page("never"));
  return card(
    words.page("chain_title"),
    made(
      "p",
      { class: "chips" },
      chain.proven ? chip(words.page("proven"), "good") : chip(words.page("not_proven"), "bad"),
      chain.demo ? chip(words.page("demo")) : null,
    ),
    made("p", { class: "hint" }, words.page("proven_about")),
    factsOf(
      [words.page("tested_at"), at(chain.tested_at)],
      [words.page("last_receipt"), at(chain.last_receipt)],
      [words.page("undelivered"), words.number(chain.undelivered)],
    ),
  );
}

function makeReceivers(words, receivers) {
  const title = words.page("receivers");
  if (!receivers.length) return card(title, made("p", {}, words.page("receivers_none")));
  return card(title, made("ul", { class: "items" }, ...receivers.map((one) => makeReceiver(words, one))));
}

function makeReceiver(words, receiver) {
  const took = receiver.took === null ? null : words.page("took", { n: words.number(receiver.took) });
  return made(
    "li",
    { class: "item" },
    made("strong", {}, words.page("receiver_n", { n: receiver.place })),
    made("span", { class: "chips" }, reached(words, receiver), chip(words.say("takes", receiver.takes))),
    factsOf(
      [words.page("protocol"), receiver.protocol.toUpperCase()],
      [words.page("way"), receiver.road && words.say("ways", receiver.road)],
      [words.page("answered_in"), took],
      [words.page("proved_at"), receiver.proved_at && words.when(receiver.proved_at)],
      [words.page("heartbeat"), receiver.heartbeat && words.span(receiver.heartbeat)],
      [words.page("bad_field"), receiver.problem],
      [words.page("says"), receiver.words],
    ),
  );
}

function reached(words, receiver) {
  if (receiver.problem) return chip(words.page("unusable"), "bad");
  if (receiver.reached === null) return chip(words.page("not_tried"));
  return receiver.reached ? chip(words.page("answers"), "good") : chip(words.page("answers_not"), "bad");
}

function makeWays(words, ways) {
  const items = ways.map((way) =>
    made(
      "li",
      { class: "item" },
      made("strong", {}, words.say("ways", way.way)),
      made("span", { class: "chips" }, stateOf(words, way.state), chip(words.say("enforcements", way.enforcement))),
    ),
  );
  return card(words.page("ways"), made("ul", { class: "items" }, ...items));
}

function stateOf(words, state) {
  const how = { up: "good", down: "bad", degraded: "bad" }[state] ?? "";
  return chip(words.say("path_states", state ?? "unknown"), how);
}
