// The settings of a rule as fields of a form. A field is `{name, node, read, complain}`.

import { made } from "./made.js";

const UNITS = { d: 86400, h: 3600, min: 60, s: 1 };
const WHOLE_DAY = 86400;
const MOST_TIMES = 24;

/** What is wrong with a field, by the key of its words. */
export class Problem extends Error {}

/** Make the fields of a kind of rule, filled with values by name. */
export function makeFields(words, kind, values) {
  const last = (setting) => (setting.name.startsWith("warn") ? 1 : 0);
  return [...kind.settings]
    .sort((one, other) => last(one) - last(other))
    .filter((setting) => kind.tells === "alarmed" || !last(setting))
    .map((setting) => {
      const { name, about } = words.setting(kind.rule, setting.name);
      const value = setting.name in values ? values[setting.name] : setting.default;
      return makeField(words, { ...setting, label: name, about }, value);
    });
}

/** Make one field; `setting` has name, label, about, unit, default, least, most and optional. */
export function makeField(words, setting, value) {
  const id = `field-${setting.name}`;
  const ids = { id, "aria-describedby": `${id}-about ${id}-problem` };
  const [input, read] = MAKERS[setting.unit](words, setting, value, ids);
  const grouped = setting.unit === "weekdays";
  const label = made(grouped ? "legend" : "label", grouped ? {} : { for: id }, setting.label);
  const problem = made("p", { id: `${id}-problem`, class: "problem", hidden: true });
  const hint = made("p", { id: `${id}-about`, class: "hint" }, hintOf(words, setting));
  const parts = setting.unit === "flag" ? [made("div", { class: "flag" }, input, label)] : [label, input];
  const node = made(
    grouped ? "fieldset" : "div",
    { class: "field", "aria-describedby": grouped ? ids["aria-describedby"] : null },
    ...parts,
    problem,
    hint,
  );
  const first = node.querySelector("input, textarea");
  const complain = (words_) => {
    problem.textContent = words_ ?? "";
    problem.hidden = !words_;
    if (words_) first.setAttribute("aria-invalid", "true");
    else first.removeAttribute("aria-invalid");
  };
  return { name: setting.name, label: setting.label, setting, node, first, read, complain };
}

/** Return a value of a setting as people say it. */
export function sayValue(words, unit, value) {
  if (value === null) return words.page("none");
  switch (unit) {
    case "duration":
      return words.span(value);
    case "clock":
      return words.clock(value);
    case "clocks":
      return value.map((at) => words.clock(at)).join(", ") || words.page("none");
    case "weekdays":
      return value.map((day) => words.weekdays[day]).join(", ") || words.page("all_days");
    case "flag":
      return words.page(value ? "yes" : "no");
    default:
      return words.number(value);
  }
}

/** Return a problem of a setting in words, with its bounds where they are what is broken. */
export function sayProblem(words, setting, problem) {
  if (problem !== "out_of_range" || setting.least === null) return words.say("problems", problem);
  const bound = (value) => sayValue(words, setting.unit, value);
  return words.say("problems", "bounds", { least: bound(setting.least), most: bound(setting.most) });
}

function hintOf(words, setting) {
  const parts = [setting.about];
  if (setting.unit === "clocks") parts.push(words.page("times_about"));
  if (setting.unit === "duration" || setting.unit === "count") {
    const bound = (value) => sayValue(words, setting.unit, value);
    const bounds = { least: bound(setting.least), most: bound(setting.most) };
    if (setting.name !== "days") parts.push(words.page("bounds", bounds));
  }
  if (setting.optional) parts.push(words.page("may_be_empty"));
  else {
    const value = sayValue(words, setting.unit, setting.default);
    parts.push(words.page("start_value", { value }));
  }
  return parts.filter(Boolean).join(" ");
}

const MAKERS = {
  duration(words, setting, value, ids) {
    const unit = unitOf(value ?? setting.default ?? UNITS.h);
    const shown = value === null ? "" : String(value / UNITS[unit]);
    const input = made("input", { ...ids, type: "number", min: "0", step: "any", value: shown });
    const units = made(
      "select",
      { "aria-label": words.page("unit_of", { name: setting.label }) },
      ...Object.keys(UNITS).map((key) =>
        made("option", { value: key, selected: key === unit }, words.say("units", key)),
      ),
    );
    const read = () => {
      const n = numberOf(input, "not_a_duration");
      return n === null ? null : n * UNITS[units.value];
    };
    return [made("div", { class: "span" }, input, units), read];
  },

  clock(words, setting, value, ids) {
    const shown = value === null ? "" : clockText(value);
    const step = (value ?? 0) % 60 ? "1" : "60";
    const input = made("input", { ...ids, type: "time", step, value: shown });
    const read = () => {
      if (input.validity.badInput) throw new Problem("not_a_time");
      return input.value === "" ? null : secondOf(input.value, "not_a_time");
    };
    return [input, read];
  },

  clocks(words, setting, value, ids) {
    const input = made("input", { ...ids, type: "text", value: value.map(clockText).join(", ") });
    const read = () => {
      const parts = input.value.split(/[,;]/).map((part) => part.trim()).filter(Boolean);
      if (parts.length > MOST_TIMES) throw new Problem("not_times");
      return parts.map((part) => secondOf(part, "not_times"));
    };
    return [input, read];
  },

  weekdays(words, setting, value) {
    const boxes = words.weekdays.map((name, day) => {
      const box = made("input", { type: "checkbox", value: String(day) });
      box.checked = value.includes(day);
      return [box, made("label", { class: "day" }, box, name)];
    });
    const read = () => boxes.filter(([box]) => box.checked).map(([box]) => Number(box.value));
    return [made("div", { class: "days" }, ...boxes.map(([, label]) => label)), read];
  },

  count(words, setting, value, ids) {
    const input = made("input", { ...ids, type: "number", step: "1", value: String(value) });
    return [input, () => numberOf(input, "not_a_number")];
  },

  flag(words, setting, value, ids) {
    const input = made("input", { ...ids, type: "checkbox" });
    input.checked = value;
    return [input, () => input.checked];
  },
};

function unitOf(seconds) {
  if (seconds === 0) return "min";
  const fits = (unit) => seconds % UNITS[unit] === 0 && (unit !== "d" || seconds >= 2 * WHOLE_DAY);
  return Object.keys(UNITS).find(fits) ?? "s";
}

function numberOf(input, problem) {
  if (input.validity.badInput) throw new Problem(problem);
  return input.value === "" ? null : Number(input.value);
}

function clockText(second) {
  const text = new Date(second * 1000).toISOString().slice(11, 19);
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}

function secondOf(text, problem) {
  const found = /^(\d{1,2})[:.](\d{2})(?::(\d{2}))?$/.exec(text);
  if (!found) throw new Problem(problem);
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) throw new Problem(problem);
  return hours * 3600 + minutes * 60 + seconds;
}
