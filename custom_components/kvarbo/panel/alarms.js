// The newest alarms: what, why, where, when, and who has it.

import { made } from "./made.js";
import { card, chip, factsOf, redraw } from "./parts.js";

/** Make the page. It asks for the alarms when it is opened and whenever the home tells that one has moved. */
export function makeAlarms(desk) {
  const { words } = desk;
  const node = made("div", { class: "stack narrowed" });
  let moved = null;

  async function update(home, alarms) {
    if (alarms === moved) return;
    moved = alarms;
    try {
      const told = await desk.ask({ type: "kvarbo/alarms", language: words.language });
      redraw(node, makeList(desk, told.alarms));
    } catch (error) {
      moved = null;
      redraw(node, made("p", { role: "alert" }, desk.sayError(error)));
    }
  }

  return { node, update };
}

function makeList(desk, alarms) {
  const { words } = desk;
  const about = words.page(desk.sees("see_home") ? "alarms_about" : "alarms_technical");
  const title = words.page("alarms_newest");
  const intro = made("p", { class: "hint" }, about);
  if (!alarms.length) return card(title, intro, made("p", {}, words.page("alarms_none")));
  return card(title, intro, made("ul", { class: "items" }, ...alarms.map((alarm) => makeAlarm(words, alarm))));
}

function makeAlarm(words, alarm) {
  const open = alarm.state === "raised" || alarm.state === "acknowledged";
  const at = (time) => (time ? words.when(time) : null);
  const receiver = alarm.receiver ? words.page("receiver_n", { n: alarm.receiver }) : "";
  const received = alarm.received_at ? words.page("received_by", { receiver, when: at(alarm.received_at) }) : null;
  return made(
    "li",
    { class: open ? "item open" : "item" },
    made("strong", {}, alarm.what),
    made(
      "span",
      { class: "chips" },
      chip(words.say("alarm_states", alarm.state), open ? "bad" : ""),
      alarm.mark ? chip(alarm.mark) : null,
    ),
    made("p", { class: "first" }, alarm.why),
    factsOf(
      [words.page("raised_at"), at(alarm.raised_at)],
      [words.page("room"), alarm.room && words.place(alarm.room)],
      [words.page("resident"), alarm.resident ? words.number(alarm.resident) : null],
      [words.page("acts"), alarm.owner && words.owner(alarm.owner)],
      [words.page("received"), received ?? (open ? words.page("received_not") : null)],
      [words.page("acknowledged_at"), at(alarm.acknowledged_at)],
      [words.page("cleared_at"), at(alarm.cleared_at)],
      [words.page("ended_at"), at(alarm.ended_at)],
    ),
  );
}
