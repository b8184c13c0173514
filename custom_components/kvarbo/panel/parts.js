// What the pages are made of: cards, lists, and drawing anew without taking the keyboard's place away.

import { made } from "./made.js";

/** Make a card with a heading. */
export function card(title, ...children) {
  return made("section", { class: "card" }, made("h2", {}, title), ...children);
}

/** Make a mark: good, bad or neither. */
export function chip(text, how = "") {
  return made("span", { class: how ? `chip ${how}` : "chip" }, text);
}

/** Make a list of facts, each a name and a value; those without a value are left out. */
export function factsOf(...pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const rows = shown.map(([name, value]) => made("div", {}, made("dt", {}, name), made("dd", {}, value)));
  return rows.length ? made("dl", { class: "facts" }, ...rows) : null;
}

/** Fill a part anew. Who had the keyboard there keeps it: on the same control, else on the part itself. */
export function redraw(part, ...children) {
  const active = part.getRootNode().activeElement;
  const held = active && active !== part && part.contains(active) ? active.id : null;
  part.replaceChildren(...children.filter(Boolean));
  if (held === null) return;
  const again = held && part.querySelector(`#${CSS.escape(held)}`);
  if (!again) part.tabIndex = -1;
  (again || part).focus({ preventScroll: true });
}

/** Return a device in words: what it is, its number, where it hangs. */
export function deviceName(words, device) {
  const called = device.called || words.page("device_unusable");
  const name = words.page("device_named", { called, n: device.number });
  return device.room ? words.page("device_at", { name, room: words.place(device.room) }) : name;
}

/** Return what it takes to say something of a device by its number: its name where it is known. */
export function nameByNumber(words, home, number) {
  const device = home.devices.find((one) => one.number === number);
  return device ? deviceName(words, device) : words.page("device", { n: number });
}
