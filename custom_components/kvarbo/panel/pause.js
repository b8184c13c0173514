// Pausing what is watched, in one tap and always with an end; and going on.

import { made } from "./made.js";
import { card, chip, redraw } from "./parts.js";

const HOUR = 3600;
const WEEK = 7 * 24 * HOUR;

/** Make the card of pauses; `update(home)` draws it anew. */
export function makePause(desk) {
  const { words } = desk;
  const groups = made("div", { class: "groups" });
  const news = made("p", { class: "news", role: "status" });
  const failed = made("p", { class: "failed", role: "alert" });
  const node = card(words.page("pause_title"), made("p", { class: "hint" }, words.page("pause_about")), groups, news, failed);
  let told = null;
  let asking = false;
  // Whose pause was asked for and is still to be seen: what is said of it is what the home tells then.
  let awaited = null;

  const stateOf = (resident) => told.states.find((one) => one.resident === resident);

  async function act(action, data, done) {
    if (asking) return;
    asking = true;
    news.textContent = "";
    failed.textContent = "";
    try {
      await desk.act(action, data);
      done();
    } catch (error) {
      failed.textContent = words.page("failed", { why: desk.sayError(error) });
    } finally {
      asking = false;
    }
  }

  function pause(resident, seconds) {
    const before = stateOf(resident)?.paused_until;
    const duration = { seconds: Math.max(1, Math.round(seconds())) };
    act("pause_supervision", { resident, duration }, () => {
      awaited = { resident, before };
      sayPaused();
    });
  }

  function sayPaused() {
    const until = awaited && stateOf(awaited.resident)?.paused_until;
    if (!until || until === awaited.before) return;
    awaited = null;
    news.textContent = words.page("paused_now", { when: words.when(until) });
  }

  function buttons(home, resident, whose, state) {
    const ways = [
      ["hour", words.page("pause_hour"), () => HOUR],
      ["morning", words.page("pause_morning", { when: words.when(home.morning) }), () => desk.until(home.morning)],
      ["week", words.page("pause_week"), () => WEEK],
    ];
    const label = (text) => (whose ? `${text}, ${whose}` : null);
    const go = words.page("go_on");
    const goOn = () => act("resume_supervision", { resident }, () => (news.textContent = words.page("gone_on")));
    return made(
      "div",
      { class: "buttons" },
      state?.paused_until
        ? made("button", { type: "button", class: "main", id: `go-on-${resident}`, "aria-label": label(go), onclick: goOn }, go)
        : null,
      ...ways.map(([key, text, seconds]) =>
        made(
          "button",
          { type: "button", id: `pause-${key}-${resident}`, "aria-label": label(text), onclick: () => pause(resident, seconds) },
          text,
        ),
      ),
    );
  }

  function group(home, resident) {
    const state = stateOf(resident);
    const whose = resident ? words.page("resident_n", { n: resident }) : home.residents > 1 ? words.page("whole_home") : "";
    return made(
      "div",
      { class: "group" },
      whose ? made("h3", {}, whose) : null,
      made("p", { class: "chips" }, ...statesOf(words, state)),
      buttons(home, resident, whose, state),
    );
  }

  /** Whose pauses are shown: the home's, each resident's where there are two, and whoever is paused. */
  function shown(home) {
    const stated = home.states.filter((one) => statedOf(one)).map((one) => one.resident);
    const each = home.residents > 1 ? [...Array(home.residents).keys()].map((at) => at + 1) : [];
    return [...new Set([0, ...each, ...stated])].sort((one, other) => one - other);
  }

  function update(home) {
    told = home;
    sayPaused();
    const away = home.seems_away_since;
    redraw(
      groups,
      away ? made("p", { class: "outdated" }, words.page("seems_away", { when: words.when(away) })) : null,
      ...shown(home).map((resident) => group(home, resident)),
    );
  }

  return { node, update };
}

function statedOf(state) {
  return state.paused_until || state.away_since || state.visitor_until;
}

function statesOf(words, state) {
  const chips = [];
  if (state?.paused_until) chips.push(chip(words.page("paused_until", { when: words.when(state.paused_until) }), "bad"));
  if (state?.away_since) chips.push(chip(words.page("away_since", { when: words.when(state.away_since) })));
  if (state?.visitor_until) chips.push(chip(words.page("visitor_until", { when: words.when(state.visitor_until) })));
  return chips.length ? chips : [chip(words.page("not_paused"), "good")];
}
