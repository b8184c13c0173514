// The devices of the home, worst first: how each is reached and charged, what ails it, and the test of a button.

import { made } from "./made.js";
import { card, chip, deviceName, factsOf, redraw } from "./parts.js";
import { makeTests } from "./tests.js";

/** Make the page. */
export function makeDevices(desk) {
  const { words } = desk;
  const list = made("div", { class: "part" });
  const tests = desk.may("test_alarm") ? makeTests(desk) : null;
  const node = made("div", { class: "stack narrowed" }, tests?.node, list);

  function update(home, alarms) {
    tests?.update(home, alarms);
    redraw(list, makeList(words, home.devices, tests));
  }

  return { node, update, leave: () => tests?.leave() };
}

function makeList(words, devices, tests) {
  const title = words.page("devices_title");
  if (!devices.length) return card(title, made("p", {}, words.page("devices_none")));
  const items = devices.map((device) => makeDevice(words, device, tests));
  return card(title, made("p", { class: "hint" }, words.page("devices_about")), made("ul", { class: "items" }, ...items));
}

function makeDevice(words, device, tests) {
  return made(
    "li",
    { class: "item" },
    made("strong", { class: "first" }, deviceName(words, device)),
    made("span", { class: "chips" }, ...marksOf(words, device)),
    factsOf(
      [words.page("signal"), signalOf(words, device)],
      [words.page("signal_change"), changeOf(words, device.signal_change)],
      [words.page("battery"), batteryOf(words, device)],
      [words.page("heard_at"), device.heard_at ? words.when(device.heard_at) : words.page("not_known")],
      [words.page("ails_since"), device.since && words.when(device.since)],
    ),
    tests?.button(device),
  );
}

function marksOf(words, device) {
  const told = new Set([...device.ailments, ...device.found]);
  if (device.is_missing) told.add("missing");
  if (device.is_unusable) told.add("unusable");
  if (device.is_fading) told.add("fading");
  const bad = [...told].map((what) => chip(words.say("ailments", what), "bad"));
  // Of what no radio of ours hears little is known: that is no praise.
  const well = bad.length ? [] : [chip(words.page("device_well"), device.heard_at ? "good" : "")];
  return [...bad, ...well, chip(words.page(device.tried ? "tried" : "never_tried"), device.is_untried ? "bad" : "")];
}

function signalOf(words, device) {
  if (device.signal !== null) {
    const dbm = device.signal_dbm === null ? "" : ` (${words.number(device.signal_dbm)} dBm)`;
    return words.page("signal_of", { n: words.number(device.signal) }) + dbm;
  }
  return device.signal_dbm === null ? words.page("not_known") : `${words.number(device.signal_dbm)} dBm`;
}

function changeOf(words, change) {
  if (change === null) return null;
  return change > 0 ? `+${words.number(change)}` : words.number(change);
}

function batteryOf(words, device) {
  if (device.battery === null) return null;
  const left = device.battery_days_left === null ? "" : `, ${words.page("battery_left", { n: words.number(device.battery_days_left) })}`;
  return `${words.number(device.battery)} %${left}`;
}
