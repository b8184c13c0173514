// The test of one button: announced, its two minutes running down, and the receipt that comes back.

import { made } from "./made.js";
import { card, deviceName } from "./parts.js";

const SECOND = 1000;
// So long after its announcement the next press is a test; the home tells itself how much of it is left.
const WINDOW = 120;
const BUTTONS = "help_button";

/** Make the place where a test is told of, and each button's own control. One test at a time is shown. */
export function makeTests(desk) {
  const { words } = desk;
  const name = made("h3", { class: "first" });
  const left = made("p", { class: "left", role: "timer" });
  const news = made("p", { class: "news", role: "status" });
  const failed = made("p", { class: "failed", role: "alert" });
  const shown = made("div", { hidden: true, class: "test" }, name, left, news);
  const node = card(words.page("test_title"), made("p", { class: "hint" }, words.page("test_about")), shown, failed);
  let running = null;
  let ticking = null;
  let moved = null;

  const listed = async () => (await desk.ask({ type: "kvarbo/alarms", language: words.language })).alarms;

  async function announce(device) {
    failed.textContent = "";
    try {
      // Alarms are numbered by age: what comes after the newest of now is of this test.
      const [newest] = await listed();
      await desk.act("test_alarm", { device: device.number });
      begin(device, newest?.alarm ?? "");
    } catch (error) {
      failed.textContent = words.page("failed", { why: desk.sayError(error) });
    }
  }

  function begin(device, before) {
    stop();
    running = { device, before, ends: performance.now() + WINDOW * SECOND, sent: false };
    shown.hidden = false;
    name.textContent = deviceName(words, device);
    news.textContent = words.page("test_press");
    ticking = setInterval(tick, SECOND);
    tick();
    node.scrollIntoView({ block: "nearest" });
  }

  function tick() {
    const seconds = Math.max(0, Math.ceil((running.ends - performance.now()) / SECOND));
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = words.page("test_left", { left: clock });
    if (seconds > 0) return;
    news.textContent = words.page("test_over");
    running = null;
    stop();
  }

  function stop() {
    clearInterval(ticking);
    ticking = null;
    left.textContent = "";
  }

  async function look() {
    const asked = running;
    const alarms = await listed();
    const { device, before } = asked;
    const alarm = alarms.find((one) => one.test && one.device === device.number && one.alarm > before);
    if (!alarm || asked !== running) return;
    stop();
    news.textContent = alarm.received_at ? receiptOf(words, alarm) : words.page("test_sent");
    if (alarm.received_at) running = null;
  }

  function update(home, alarms) {
    if (running && alarms !== moved) look().catch((error) => (failed.textContent = desk.sayError(error)));
    moved = alarms;
    const device = running && home.devices.find((one) => one.number === running.device.number);
    if (ticking && device?.test_left) running.ends = performance.now() + device.test_left * SECOND;
  }

  function button(device) {
    if (device.role !== BUTTONS || device.is_missing) return null;
    const label = words.page("test_device", { device: deviceName(words, device) });
    const id = `test-${device.number}`;
    const pressed = () => announce(device);
    return made(
      "div",
      { class: "buttons" },
      made("button", { type: "button", id, "aria-label": label, onclick: pressed }, words.page("test")),
    );
  }

  return { node, update, button, leave: stop };
}

function receiptOf(words, alarm) {
  const receiver = words.page("receiver_n", { n: alarm.receiver ?? "" });
  return words.page("test_received", { receiver, when: words.when(alarm.received_at) });
}
