// The panel: a page for each thing that a role may see or do. It asks Home Assistant by its own websocket alone.

import { Desk } from "./desk.js";
import { looks } from "./looks.js";
import { drawn, made } from "./made.js";
import { pageLooks } from "./page_looks.js";
import { tabsFor } from "./tabs.js";
import { loadWords } from "./words.js";

const MENU = "M3,6H21V8H3V6M3,11H21V13H3V11M3,16H21V18H3V16Z";

class KvarboPanel extends HTMLElement {
  #hass = null;
  #language = "";
  #desk = null;
  #tabs = [];
  #route = { prefix: "/kvarbo", path: "" };
  #open = null;
  #told = null;
  #parts = null;
  #follows = null;
  #turn = 0;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [looks, pageLooks];
  }

  /** Home Assistant sets this at every change of any state; little of that matters here. */
  set hass(hass) {
    this.#hass = hass;
    this.toggleAttribute("dark", Boolean(hass.themes?.darkMode));
    const language = `${hass.language} ${hass.locale?.time_format}`;
    if (language === this.#language) return;
    this.#language = language;
    this.#begin();
  }

  get hass() {
    return this.#hass;
  }

  set narrow(narrow) {
    this.toggleAttribute("narrow", Boolean(narrow));
  }

  set route(route) {
    this.#route = route;
    if (this.#parts) this.#go();
  }

  connectedCallback() {
    // A page that was taken away and comes back knows nothing of what happened meanwhile.
    if (this.#hass && !this.#follows) this.#begin();
  }

  disconnectedCallback() {
    this.#open?.page.leave?.();
    this.#leave();
  }

  #leave() {
    const follows = this.#follows;
    this.#follows = null;
    // Home Assistant may be gone, and with it whoever would push.
    follows?.then((leave) => leave()).catch(() => {});
  }

  /** Begin anew: somebody else, or another language, or other rights. */
  async #begin() {
    this.#leave();
    const language = this.#language;
    const turn = ++this.#turn;
    this.#follows = Promise.resolve(() => {});
    try {
      const [words, me] = await Promise.all([loadWords(this.#hass), this.#hass.callWS({ type: "kvarbo/me" })]);
      // Any of these may have changed meanwhile.
      if (turn !== this.#turn) return;
      this.#desk = new Desk(() => this.#hass, words, me);
      this.#tabs = tabsFor(me);
      this.#lay();
      if (!this.#tabs.length) return;
      const asked = { type: "kvarbo/home", language: words.language, subscribe: true };
      this.#follows = this.#hass.connection.subscribeMessage((event) => this.#take(event), asked);
      await this.#follows;
    } catch (error) {
      if (turn !== this.#turn) return;
      if (language === this.#language) this.#language = "";
      const text = `Kvarbo: ${error.message ?? error.code ?? error}`;
      this.shadowRoot.replaceChildren(made("main", {}, made("p", { role: "alert" }, text)));
    }
  }

  #lay() {
    const { words } = this.#desk;
    const toggle = () => this.dispatchEvent(new Event("hass-toggle-menu", { bubbles: true, composed: true }));
    const menu = made(
      "button",
      { type: "button", class: "menu", "aria-label": words.page("menu"), onclick: toggle },
      drawn("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, drawn("path", { d: MENU })),
    );
    const title = made("h1", {}, "Kvarbo");
    const nav = made("nav", { "aria-label": words.page("pages"), lang: words.language });
    const main = made("main", { lang: words.language });
    this.#parts = { title, nav, main };
    this.#open = null;
    this.#told = null;
    const header = made("header", { lang: words.language }, menu, title);
    this.shadowRoot.replaceChildren(header, nav, main);
    if (this.#tabs.length) this.#go();
    else main.replaceChildren(made("p", { role: "alert" }, words.page("not_yours")));
    nav.hidden = this.#tabs.length < 2;
  }

  /** Open the page that the address names; the first where it names none that one may see. */
  #go() {
    const { words } = this.#desk;
    const { title, nav, main } = this.#parts;
    const key = this.#route.path.replaceAll("/", "");
    const tab = this.#tabs.find((one) => one.key === key) ?? this.#tabs[0];
    if (!tab || tab === this.#open?.tab || this.#told?.running === false) return;
    this.#open?.page.leave?.();
    this.#open = { tab, page: tab.make(this.#desk) };
    title.textContent = words.say("titles", tab.key);
    if (!nav.childElementCount) {
      nav.append(...this.#tabs.map((one) => this.#link(one)));
    }
    for (const link of nav.children) {
      if (link.id === `tab-${tab.key}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    main.replaceChildren(this.#open.page.node);
    this.#show();
  }

  #link(tab) {
    const href = `${this.#route.prefix}/${tab.key}`;
    const follow = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState(null, "", href);
      window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
    };
    return made("a", { href, id: `tab-${tab.key}`, onclick: follow }, this.#desk.words.say("tabs", tab.key));
  }

  #take(event) {
    if (event.role !== this.#desk.me.role) {
      // A role was given or taken away: whoever looks finds other pages now.
      this.#begin();
      return;
    }
    this.#told = event;
    if (event.home) this.#desk.tell(event.home.now);
    this.#show();
  }

  #show() {
    if (!this.#told) return;
    const { home, alarms } = this.#told;
    if (!home) {
      this.#open?.page.leave?.();
      this.#open = null;
      this.#parts.main.replaceChildren(made("p", { role: "alert" }, this.#desk.words.page("no_home_now")));
    } else if (!this.#open) this.#go();
    else this.#open.page.update?.(home, alarms);
  }
}

// A home that is set up anew gets the same page; an element can be named only once.
if (!customElements.get("kvarbo-panel")) customElements.define("kvarbo-panel", KvarboPanel);
