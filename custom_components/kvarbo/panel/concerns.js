// What needs a person, worst first: each one sentence, and the next thing to do.

import { made } from "./made.js";
import { card, chip, nameByNumber } from "./parts.js";
import { nameOf } from "./rules.js";

/** Make the card of what needs somebody; where nothing does, it says so. */
export function makeConcerns(words, home) {
  const { concerns } = home;
  const title = concerns.length ? words.page("concerns_n", { n: concerns.length }) : words.page("concerns");
  if (!concerns.length) return card(title, made("p", { class: "well" }, words.page("concerns_none")));
  const items = concerns.map((concern) => made("li", { class: `concern ${groupOf(concern)}` }, ...said(words, home, concern)));
  return card(title, made("ul", { class: "items" }, ...items));
}

function said(words, home, concern) {
  const since = concern.since ? words.page("since_when", { when: words.when(concern.since) }) : "";
  return [
    made("p", {}, chip(words.say("groups", groupOf(concern))), " ", made("strong", {}, sentenceOf(words, home, concern))),
    since ? made("p", { class: "hint" }, since) : null,
    made("p", { class: "next" }, words.say("next", concern.next)),
  ];
}

function groupOf(concern) {
  if (concern.rule) return "rule";
  return concern.device ? "device" : "chain";
}

function sentenceOf(words, home, concern) {
  return words.say("concerns", concern.kind, {
    n: concern.count,
    receiver: concern.receiver ? words.page("receiver_n", { n: concern.receiver }) : "",
    way: concern.way ? words.say("ways", concern.way) : "",
    device: concern.device ? capital(nameByNumber(words, home, concern.device)) : "",
    rule: concern.rule ? nameOf(words, concern, home.residents ?? 1) : "",
  });
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
