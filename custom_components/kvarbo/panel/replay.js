// The page "what would this rule have sent": a rule, its settings, and what it would have told day by day.

import { makeField, makeFields, Problem, sayProblem } from "./fields.js";
import { made } from "./made.js";
import { standingOf } from "./rules.js";
import { showResult } from "./told.js";

const ANOTHER = "another";
// What Home Assistant's websocket says of itself rather than of a rule.
const KNOWN_ERRORS = { no_home: "no_home", no_history: "no_history", unauthorized: "not_allowed", 3: "no_contact" };

/** Make the page; `desk` is what all pages share. */
export function makeReplay(desk) {
  return new Replay(desk);
}

class Replay {
  #desk;
  #words;
  #told = null;
  #chosen = null;
  #fields = [];
  #days = null;
  #parts = {};
  #asking = false;

  constructor(desk) {
    this.#desk = desk;
    this.#words = desk.words;
    this.node = made("div", {});
    this.#open();
  }

  async #open() {
    try {
      const [kinds, rules] = await Promise.all([
        this.#desk.ask({ type: "kvarbo/rule_kinds" }),
        this.#desk.ask({ type: "kvarbo/rules" }),
      ]);
      this.#told = { ...kinds, rules: rules.rules };
      this.#lay();
    } catch (error) {
      this.node.replaceChildren(made("p", { role: "alert" }, this.#desk.sayError(error)));
    }
  }

  #kind(rule) {
    return this.#told.kinds.find((kind) => kind.rule === rule);
  }

  #lay() {
    const words = this.#words;
    // What is shown was found with other settings, once one is changed.
    const outdate = () => result.querySelector(".outdated")?.removeAttribute("hidden");
    const form = made("form", {
      novalidate: true,
      onsubmit: (event) => this.#replay(event),
      oninput: outdate,
    });
    const result = made("section", { class: "card result", "aria-live": "polite", tabindex: "-1", hidden: true });
    this.#parts = { form, result };
    this.node.replaceChildren(
      made("p", { class: "about" }, words.page("about")),
      made("div", { class: "columns" }, made("div", { class: "choice" }, this.#rules(), form), result),
    );
    this.#choose(this.#told.rules[0] ?? this.#new(this.#told.kinds[0].rule));
  }

  /** Return a rule of a kind as a home gets it new. */
  #new(rule) {
    return { rule, resident: this.#kind(rule).resident, name: "", settings: null };
  }

  #rules() {
    const words = this.#words;
    const { rules, kinds } = this.#told;
    const card = (value, checked, choose, ...text) => {
      const radio = made("input", { type: "radio", name: "rule", value, checked, onchange: choose });
      return made("label", { class: value === ANOTHER ? "rule another" : "rule" }, radio, made("span", {}, ...text));
    };
    const own = rules.map((rule, at) =>
      card(String(at), at === 0, () => this.#choose(rule), ...standingOf(words, rule, this.#told.residents)),
    );
    const select = made(
      "select",
      { id: "kind", onchange: () => pick() },
      ...kinds.map((kind) => made("option", { value: kind.rule }, words.kind(kind.rule))),
    );
    const pick = () => this.#choose(this.#new(select.value));
    const about = made("span", { class: "more" }, words.page("another_about"));
    const another = card(ANOTHER, !rules.length, pick, made("strong", {}, words.page("another")), about);
    return made(
      "fieldset",
      { class: "card rules" },
      made("legend", {}, made("h2", {}, words.page("rule"))),
      rules.length ? null : made("p", { class: "hint" }, words.page("own_none")),
      ...own,
      another,
      made("div", { class: "field kind" }, made("label", { for: "kind" }, words.page("kind")), select),
    );
  }

  #choose(rule) {
    this.#chosen = rule;
    const { result } = this.#parts;
    result.hidden = true;
    result.replaceChildren();
    const days = this.#days?.first.value;
    this.#fill(rule.settings ?? {}, days === undefined ? this.#told.days.default : Number(days));
  }

  #fill(values, days) {
    const words = this.#words;
    const kind = this.#kind(this.#chosen.rule);
    const { least, most } = this.#told.days;
    const limits = { least, most, default: this.#told.days.default, optional: false };
    const about = words.page("days_about", { least, most });
    this.#fields = makeFields(words, kind, values);
    this.#days = makeField(
      words,
      { name: "days", unit: "count", label: words.page("days"), about, ...limits },
      days,
    );
    const intro = words.page(this.#chosen.settings ? "as_running" : "as_new");
    const reset = () => {
      this.#fill({}, this.#told.days.default);
      this.#parts.form.dispatchEvent(new Event("input"));
      this.#parts.form.querySelector(".reset").focus();
    };
    const button = { type: "submit", class: "main" };
    this.#parts.form.replaceChildren(
      made(
        "fieldset",
        { class: "card" },
        made("legend", {}, made("h2", {}, words.page("settings"))),
        made("p", { class: "hint" }, intro),
        this.#resident(kind),
        made("div", { class: "fields" }, ...this.#fields.map((field) => field.node)),
      ),
      made(
        "div",
        { class: "card go" },
        this.#days.node,
        made("p", { class: "failed", role: "alert", hidden: true }),
        made(
          "div",
          { class: "buttons" },
          made("button", button, words.page("replay")),
          made("button", { type: "button", class: "reset", onclick: reset }, words.page("reset")),
        ),
      ),
    );
  }

  /** Return the choice of a resident, where there are two and the rule is about one. */
  #resident(kind) {
    const { residents } = this.#told;
    if (this.#chosen.settings || residents < 2 || !kind.resident) return null;
    const words = this.#words;
    const numbers = [...Array(residents).keys()].map((at) => at + 1);
    const select = made(
      "select",
      { id: "resident", onchange: () => (this.#chosen.resident = Number(select.value)) },
      ...numbers.map((n) =>
        made("option", { value: String(n), selected: n === this.#chosen.resident }, words.page("resident_n", { n })),
      ),
    );
    return made("div", { class: "field" }, made("label", { for: "resident" }, words.page("resident")), select);
  }

  async #replay(event) {
    event.preventDefault();
    if (this.#asking) return;
    const chosen = this.#chosen;
    const read = this.#read();
    if (read === null) return;
    const { settings, days } = read;
    const button = this.#parts.form.querySelector(".main");
    this.#asking = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = this.#words.page("replaying");
    try {
      const { rule, resident, name } = chosen;
      const asked = { type: "kvarbo/replay", rule, resident, name, settings, days };
      const result = await this.#desk.ask(asked);
      if (chosen === this.#chosen) this.#show(result, days);
    } catch (error) {
      if (chosen === this.#chosen) this.#fail(error);
    } finally {
      this.#asking = false;
      button.removeAttribute("aria-disabled");
      button.textContent = this.#words.page("replay");
    }
  }

  /** Return what the form says, or null when a field cannot be read; that field then says so. */
  #read() {
    const problems = new Map();
    const take = (field) => {
      try {
        return field.read();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        problems.set(field.name, error.message);
        return null;
      }
    };
    const told = this.#fields.map((field) => [field.name, take(field)]);
    const days = take(this.#days);
    const { least, most } = this.#told.days;
    if (days === null && !problems.has("days")) problems.set("days", "missing");
    else if (days !== null && !Number.isInteger(days)) problems.set("days", "not_a_number");
    else if (days !== null && (days < least || days > most)) problems.set("days", "out_of_range");
    this.#complain(problems);
    if (problems.size) return null;
    return { settings: { ...this.#chosen.settings, ...Object.fromEntries(told) }, days };
  }

  /** Let every field that is wrong say so, and lead to the first. Without problems all is cleared. */
  #complain(problems) {
    const words = this.#words;
    const failed = this.#parts.form.querySelector(".failed");
    const fields = [...this.#fields, this.#days];
    const said = [];
    for (const field of fields) {
      const problem = problems.get(field.name);
      const text = problem && sayProblem(words, field.setting, problem);
      field.complain(text && words.page("field_problem", { field: field.label, problem: text }));
      if (problem) said.push(words.page("field_problem", { field: field.label, problem: text }));
    }
    if (said.length) this.#tell(words.page("wrong", { fields: said.join(" ") }));
    else failed.hidden = true;
    fields.find((field) => problems.has(field.name))?.first.focus();
  }

  /** Say why Home Assistant did not replay: by field where it names fields. */
  #fail(error) {
    const words = this.#words;
    const named = String(error.message ?? "").split("; ").map((part) => part.split(": "));
    const known = new Set(this.#fields.map((field) => field.name));
    if (named.every(([field, problem]) => known.has(field) && problem)) {
      this.#complain(new Map(named));
      return;
    }
    const key = KNOWN_ERRORS[error.code];
    const why = key ? words.page(key) : (error.message ?? error.code ?? error);
    this.#tell(words.page("failed", { why }));
  }

  /** Say beside the button why there is no result. What was found before is no answer to this. */
  #tell(text) {
    const failed = this.#parts.form.querySelector(".failed");
    failed.textContent = text;
    failed.hidden = false;
    this.#parts.result.hidden = true;
  }

  #show(result, days) {
    const words = this.#words;
    const part = this.#parts.result;
    const kind = this.#kind(this.#chosen.rule);
    part.replaceChildren(
      made("h2", {}, words.page("result")),
      made("p", { class: "outdated", hidden: true }, words.page("outdated")),
      ...showResult(words, kind, result, days),
    );
    part.hidden = false;
    part.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    part.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }
}
