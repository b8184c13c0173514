// A rule of the home in words: whose it is, how it stands, what is wrong with it.

import { made } from "./made.js";

/** Return a rule's name: its kind, whose it is where two live there, and its own name where it has one. */
export function nameOf(words, rule, residents) {
  const whose = rule.resident && residents > 1 ? words.page("resident_n", { n: rule.resident }) : "";
  return [words.kind(rule.rule), whose, rule.name].filter(Boolean).join(" · ");
}

/** Return a rule as its name and its marks; `more` are marks of the caller's own. */
export function standingOf(words, rule, residents, ...more) {
  const watches = rule.standing === "watching";
  // A fault that is how it stands is said once.
  const faults = (rule.faults ?? Object.keys(rule.warnings)).filter((fault) => fault !== rule.standing);
  return [
    made("strong", {}, nameOf(words, rule, residents)),
    made(
      "span",
      { class: "chips" },
      made("span", { class: watches ? "chip good" : "chip" }, words.say("standings", rule.standing)),
      ...faults.map((fault) => made("span", { class: "chip bad" }, words.say("faults", fault))),
      rule.shadow ? made("span", { class: "chip" }, words.page("shadow", { n: rule.would_have })) : null,
      ...more,
    ),
  ];
}
