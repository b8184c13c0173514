// What a replay found: one sentence, the days as strips, and the list.

import { drawn, made } from "./made.js";
import { wall } from "./words.js";

const DAY = 86400000;
// Beyond this what was recorded begins so late that the sentence says so.
const LATE = 3600000;
// What is graver comes first.
const ORDER = ["alarmed", "warned", "fault", "other"];
const CANNOT = ["refused", "lacks_sensors"];
const SHAPES = {
  alarmed: "M0,-9 L9,7 L-9,7 Z",
  warned: "M0,-7 L7,0 L0,7 L-7,0 Z",
  fault: "M-6,-6 H6 V6 H-6 Z",
  other: "M-5,0 A5,5 0 1 0 5,0 A5,5 0 1 0 -5,0 Z",
};

/** Return a result as nodes. `kind` is the rule's description, `days` what was asked for. */
export function showResult(words, kind, result, days) {
  const nodes = sentences(words, kind, result, days);
  if (result.readings === 0 || CANNOT.includes(result.standing)) return nodes;
  return [...nodes, strip(words, kind, result), list(words, kind, result)];
}

/** Return the sentence that says it all, and what must be known beside it. */
function sentences(words, kind, result, days) {
  const head = (text) => made("p", { class: "sentence" }, text);
  const standing = words.say("standings", result.standing);
  if (CANNOT.includes(result.standing)) {
    return [head(words.say("sentence", "not_watched", { standing }))];
  }
  if (result.readings === 0) return [head(words.say("sentence", "nothing_recorded"))];
  const count = (stage) => result.told.filter((row) => row.stage === stage).length;
  const late = wall(result.recorded_from) - wall(result.from) > LATE;
  const lead = late
    ? words.say("sentence", "begun", { when: words.when(result.recorded_from) })
    : words.sentence("last", days);
  const nodes = [head(words.sentence(kind.tells, count(kind.tells), { lead }))];
  const also = [];
  if (kind.tells === "alarmed" && count("warned")) {
    also.push(words.sentence("also_warned", count("warned")));
  }
  if (result.standing === "blind") also.push(words.say("sentence", "not_at_the_end", { standing }));
  also.push(
    words.say("sentence", "basis", {
      readings: words.number(result.readings),
      devices: words.number(result.devices.length),
    }),
  );
  return [...nodes, made("p", { class: "also" }, also.join(" "))];
}

function stageWords(words, kind, row) {
  const acted = row.stage === "warned" && kind.tells === "warned";
  return words.say("stages", acted ? "acted" : row.stage);
}

function shapeOf(stage) {
  return stage in SHAPES ? stage : "other";
}

function mark(stage) {
  const shape = shapeOf(stage);
  return drawn("path", { d: SHAPES[shape], class: `mark ${shape}` });
}

function icon(stage) {
  const box = { viewBox: "-11 -11 22 22", class: "icon", "aria-hidden": "true" };
  return drawn("svg", box, mark(stage));
}

/** Return one row a day, the latest first: bars from cause to what was told, and marks. */
function strip(words, kind, result) {
  const first = Math.floor(wall(result.from) / DAY);
  const last = Math.floor(wall(result.to) / DAY);
  const rows = [];
  for (let day = last; day >= first; day -= 1) rows.push(row(words, kind, result, day * DAY));
  const hours = [0, 6, 12, 18, 24].map((hour) => made("span", {}, String(hour).padStart(2, "0")));
  const about = made("p", { class: "hint" }, words.page("strip_about"));
  const axis = made("div", { class: "axis", "aria-hidden": "true" }, made("span"), made("div", {}, ...hours));
  return made(
    "section",
    { class: "strip", "aria-labelledby": "strip-title" },
    made("h3", { id: "strip-title" }, words.page("strip")),
    about,
    legend(words, kind, result),
    axis,
    made("div", { role: "list" }, ...rows),
  );
}

function legend(words, kind, result) {
  const entries = new Map(ORDER.map((shape) => [shape, null]));
  for (const told of result.told) {
    const shape = shapeOf(told.stage);
    const text = shape === "other" ? words.page("other_news") : stageWords(words, kind, told);
    entries.set(shape, made("li", {}, icon(told.stage), text));
  }
  const late = wall(result.recorded_from) - wall(result.from) > LATE;
  if (late) {
    const box = { viewBox: "0 0 22 22", class: "icon", "aria-hidden": "true" };
    const patch = drawn("rect", { width: "22", height: "22", class: "gap" });
    entries.set("gap", made("li", {}, drawn("svg", box, patch), words.page("not_recorded")));
  }
  return made("ul", { class: "legend" }, ...entries.values());
}

function row(words, kind, result, begin) {
  const share = (at) => Math.min(Math.max((at - begin) / DAY, 0), 1) * 100;
  const box = (from, to, name) =>
    share(to) > share(from)
      ? drawn("rect", { x: `${share(from)}%`, width: `${share(to) - share(from)}%`, y: "0", height: "100%", class: name })
      : null;
  const bars = [];
  const marks = [];
  const said = [];
  for (const told of [...result.told].reverse()) {
    const at = wall(told.at);
    if (shapeOf(told.stage) !== "other") bars.push(box(wall(told.since), at, "bar"));
    if (at < begin || at >= begin + DAY) continue;
    const words_ = `${stageWords(words, kind, told)} ${words.timeOf(told.at)}`;
    said.unshift(words_);
    const place = { x: `${share(at)}%`, y: "50%", overflow: "visible", width: "1", height: "1" };
    marks.push(drawn("svg", place, drawn("g", {}, drawn("title", {}, words_), mark(told.stage))));
  }
  // The graver lie on top, so they come last.
  const rank = (node) => ORDER.findLastIndex((one) => node.querySelector(`.${one}`));
  marks.sort((one, other) => rank(other) - rank(one));
  const [from, recorded, to] = [result.from, result.recorded_from, result.to].map(wall);
  const gaps = [
    box(begin, from, "unasked"),
    recorded - from > LATE ? box(from, recorded, "gap") : null,
    box(to, begin + DAY, "unasked"),
  ].filter(Boolean);
  const lines = [25, 50, 75].map((x) => drawn("line", { x1: `${x}%`, x2: `${x}%`, y1: "0", y2: "100%", class: "line" }));
  const day = words.forms.day.format(begin);
  const events = said.join(", ") || words.page("strip_nothing");
  const label = words.page("strip_day", { day, events });
  return made(
    "div",
    { class: "row", role: "listitem" },
    made("span", { class: "date", "aria-hidden": "true" }, day),
    drawn("svg", { role: "img", "aria-label": label, class: "hours" }, ...gaps, ...lines, ...bars, ...marks),
  );
}

/** Return all that would have been told, the latest first. */
function list(words, kind, result) {
  const title = made("h3", { id: "list-title" }, words.page("list"));
  if (!result.told.length) {
    return made("section", {}, title, made("p", { class: "hint" }, words.page("list_none")));
  }
  const names = ["what", "when", "since", "seen"].map((key) => words.page(key));
  const rows = [...result.told].reverse().map((told) => {
    const cells = [what(words, kind, told), words.when(told.at), words.when(told.since), seen(words, told)];
    return made(
      "tr",
      { class: shapeOf(told.stage), role: "row" },
      ...cells.map((cell, at) => made("td", { "data-name": names[at], role: "cell" }, cell)),
    );
  });
  const heads = names.map((name) => made("th", { scope: "col", role: "columnheader" }, name));
  return made(
    "section",
    { class: "list" },
    title,
    // The roles are said, since a table that is laid out as cards is none to a screen reader.
    made(
      "table",
      { role: "table", "aria-labelledby": "list-title" },
      made("thead", { role: "rowgroup" }, made("tr", { role: "row" }, ...heads)),
      made("tbody", { role: "rowgroup" }, ...rows),
    ),
  );
}

function what(words, kind, told) {
  const details = [];
  if (told.fault) details.push(words.say("faults", told.fault));
  if (told.device) details.push(words.page("device", { n: told.device }));
  const stage = made("strong", {}, stageWords(words, kind, told));
  const more = details.length ? made("span", { class: "more" }, details.join(" · ")) : null;
  return made("span", { class: "what" }, icon(told.stage), made("span", {}, stage, more));
}

function seen(words, told) {
  if (!told.seen_at) return "–";
  const when = words.when(told.seen_at);
  return told.seen_in ? words.page("seen_words", { place: words.place(told.seen_in), when }) : when;
}
