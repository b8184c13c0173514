// The installation: what is open, each with the next thing to do, ticking as the technician walks; and its closing.

import { made } from "./made.js";
import { card, chip, nameByNumber, redraw } from "./parts.js";

// What a person says, and nothing in the home can show.
const BY_HAND = ["window", "lamp", "address", "papers"];
const REASONS = [
  "device_missing",
  "device_broken",
  "resident_declined",
  "resident_absent",
  "centre_busy",
  "coordinator_decides",
  "no_coverage",
];
const OF_DEVICES = ["paired", "signal", "placed", "heard", "tested"];
const MONTH = 30 * 24 * 3600 * 1000;

/** Make the page of the installation. */
export function makeInstallation(desk) {
  const { words } = desk;
  const part = made("div", { class: "part stack" });
  const failed = made("p", { class: "failed", role: "alert" });
  const news = made("p", { class: "news", role: "status" });
  const node = made("div", { class: "stack narrowed" }, part, news, failed);
  let home = null;
  let told = null;
  // One after the other, and none is lost: a thumb is quicker than a disk.
  let queue = Promise.resolve();
  const follows = desk.follow({ type: "kvarbo/commissioning" }, (event) => {
    told = event;
    draw();
  });
  follows.catch((error) => (failed.textContent = words.page("failed", { why: desk.sayError(error) })));

  function act(action, data = {}) {
    queue = queue.then(() => ask(action, data));
    return queue;
  }

  async function ask(action, data) {
    failed.textContent = "";
    news.textContent = "";
    try {
      return await desk.act(action, data);
    } catch (error) {
      failed.textContent = words.page("failed", { why: desk.sayError(error) });
      return null;
    }
  }

  function draw() {
    if (!told || !home) return;
    redraw(part, ...cards());
  }

  function cards() {
    if (told.state === "not_begun") {
      const begin = button("begin", words.page("begin"), () => act("begin_commissioning"), true);
      return [card(words.page("installation"), made("p", {}, words.page("installation_about")), buttons(begin))];
    }
    const rooms = Object.entries(told.rooms);
    return [
      card(words.page("installation"), standing(), list(told.items.filter((item) => item.blocks)), ending()),
      rooms.length ? card(words.page("walk"), made("p", { class: "hint" }, words.page("walk_about")), walk(rooms)) : null,
      left(told.items.filter((item) => !item.blocks)),
    ].filter(Boolean);
  }

  function standing() {
    const blocks = told.items.filter((item) => item.blocks).length;
    const how = { open: "bad", closed: "good" }[told.state] ?? "";
    return made(
      "p",
      {},
      chip(words.say("installations", told.state), how),
      blocks ? ` ${words.page("to_do_n", { n: words.number(blocks) })}` : "",
    );
  }

  function list(items) {
    return made("ul", { class: "items" }, ...items.map(row));
  }

  function row(item) {
    return made(
      "li",
      { class: item.blocks ? "item open" : "item" },
      made("strong", { class: "first" }, sentence(item)),
      made("span", {}, words.say("steps_next", item.step)),
      controls(item),
    );
  }

  function sentence(item) {
    const about = OF_DEVICES.includes(item.step)
      ? nameByNumber(words, home, Number(item.about))
      : item.step === "room"
        ? words.place(item.about)
        : words.kind(item.about.split("/")[0]);
    return words.say("steps", item.step, { about });
  }

  function controls(item) {
    const found = [];
    if (item.step === "lamp") {
      found.push(button("lamp-none", words.page("lamp_none"), () => note("lamp", false)));
      found.push(button("lamp-seen", words.page("lamp_seen"), () => note("lamp", true)));
    } else if (BY_HAND.includes(item.step)) {
      found.push(button(`note-${item.step}`, words.page("noted"), () => note(item.step, false)));
    }
    const leave = item.may_be_left && item.blocks ? leaving(item) : null;
    return found.length || leave ? buttons(...found, leave) : null;
  }

  function note(step, seen) {
    return act("note_commissioning", { step, seen });
  }

  function leaving(item) {
    const id = `leave-${item.key.replaceAll(/[^a-z0-9]+/gi, "-")}`;
    const select = made(
      "select",
      { id: `${id}-why`, "aria-label": words.page("leave_why", { item: sentence(item) }) },
      ...REASONS.map((reason) => made("option", { value: reason }, words.reason(reason))),
    );
    const go = () =>
      act("leave_open", {
        item: item.key,
        reason: select.value,
        until: new Date(Date.now() + MONTH).toISOString(),
      });
    return made(
      "details",
      { class: "leave" },
      made("summary", {}, words.page("leave")),
      made("p", { class: "hint" }, words.page("leave_about")),
      buttons(select, button(id, words.page("leave_now"), go)),
    );
  }

  function walk(rooms) {
    return made(
      "ul",
      { class: "items" },
      ...rooms.map(([room, at]) =>
        made(
          "li",
          { class: "item" },
          made("strong", { class: "first" }, words.place(room)),
          at ? made("span", { class: "well" }, words.page("walked", { when: words.when(at) })) : made("span", {}, words.page("not_walked")),
        ),
      ),
    );
  }

  function left(items) {
    if (!items.length) return null;
    const rows = items.map((item) =>
      made(
        "li",
        { class: "item" },
        made("strong", { class: "first" }, sentence(item)),
        made("span", {}, words.page("left_until", { why: words.reason(item.reason), when: words.when(item.until) })),
      ),
    );
    return card(words.page("left"), made("ul", { class: "items" }, ...rows));
  }

  function ending() {
    if (told.state !== "open") return made("p", { class: "well" }, words.page("closed_at", { when: words.when(told.closed_at) }));
    const close = async () => {
      const answer = await act("close_commissioning");
      if (answer) news.textContent = words.page("closed_now", { n: words.number(answer.accounts_ended) });
    };
    return made(
      "div",
      { class: "group" },
      made("p", { class: "hint" }, words.page("close_about")),
      buttons(button("close", words.page("close"), close, true)),
    );
  }

  function update(now) {
    home = now;
    draw();
  }

  function leave() {
    follows.then((end) => end()).catch(() => {});
  }

  return { node, update, leave };
}

function button(id, text, onclick, isMain = false) {
  return made("button", { type: "button", id: `installation-${id}`, class: isMain ? "main" : null, onclick }, text);
}

function buttons(...children) {
  return made("div", { class: "buttons" }, ...children);
}
