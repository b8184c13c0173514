// All that the page says, in the language of whoever looks at it.

const LANGUAGES = ["en", "sv"];
const SPANS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** Return the words for a user: the page's own, and the names that all of Kvarbo shares. */
export async function loadWords(hass) {
  const language = LANGUAGES.find((one) => hass.language.split("-")[0] === one) ?? "en";
  const own = fetch(new URL(`./texts/${language}.json`, import.meta.url)).then((answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  });
  const backend = (category) => hass.loadBackendTranslation(category, "kvarbo");
  const [texts, shared] = await Promise.all([own, backend("selector"), backend("exceptions")]).then(
    // What was loaded last knows both.
    ([found, , both]) => [found, both],
  );
  // English as they write it where the user is, and no other language's way in an English text.
  const writing = hass.language.startsWith(language) ? hass.language : language;
  return new Words(texts, shared, language, writing, hass.locale?.time_format);
}

export class Words {
  constructor(texts, shared, language, writing, timeFormat) {
    this.texts = texts;
    this.shared = shared;
    this.language = language;
    this.writing = writing;
    // The times that Home Assistant sends show the home's wall clock; no zone is applied to them.
    const form = (options) => new Intl.DateTimeFormat(writing, { timeZone: "UTC", ...options });
    const usual = form({ hour: "numeric" }).resolvedOptions().hour12;
    const hour12 = timeFormat === "12" || (timeFormat !== "24" && usual);
    const minute = { hour: hour12 ? "numeric" : "2-digit", minute: "2-digit", hourCycle: hour12 ? "h12" : "h23" };
    const date = { weekday: "short", day: "numeric", month: "short" };
    this.forms = { clock: form(minute), day: form(date), when: form({ ...date, ...minute }) };
    const weekday = form({ weekday: "short" });
    // 1 January 2024 was a Monday.
    this.weekdays = [...Array(7).keys()].map((day) => weekday.format(Date.UTC(2024, 0, 1 + day)));
  }

  /** Return a text with its `{places}` filled; the key itself where there is none. */
  say(section, key, values = {}) {
    const text = this.texts[section]?.[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  page(key, values) {
    return this.say("page", key, values);
  }

  /** Return the sentence for none, one or many. */
  sentence(key, n, values = {}) {
    const form = n === 0 ? "none" : n === 1 ? "one" : "many";
    return this.say("sentence", `${key}_${form}`, { n: this.number(n), ...values });
  }

  kind(rule) {
    return this.shared(`component.kvarbo.selector.function.options.${rule}`) || rule;
  }

  place(room) {
    return this.shared(`component.kvarbo.selector.location.options.${room}`) || room;
  }

  /** Return why something was left open. */
  reason(reason) {
    return this.shared(`component.kvarbo.selector.gap_reason.options.${reason}`) || reason;
  }

  owner(owner) {
    return this.shared(`component.kvarbo.selector.owner.options.${owner}`) || owner;
  }

  /** Return why an action was refused, by the key of its text; empty where there is none. */
  refusal(key, places) {
    return this.shared(`component.kvarbo.exceptions.${key}.message`, places ?? {});
  }

  /** Return a setting's name and what it means. */
  setting(rule, name) {
    const { settings } = this.texts;
    return settings[`${rule}.${name}`] ?? settings[name] ?? { name, about: "" };
  }

  number(n) {
    return n.toLocaleString(this.writing);
  }

  /** Return a span of seconds as people say it: 1 h 30 min. */
  span(seconds) {
    const parts = [];
    let left = seconds;
    for (const [unit, size] of SPANS) {
      const n = Math.floor(left / size);
      // Hours are said up to two days.
      if (n < (unit === "d" ? 2 : 1)) continue;
      parts.push(this.say("units", `short_${unit}`, { n }));
      left -= n * size;
    }
    const text = parts.join(" ") || this.say("units", "short_min", { n: 0 });
    return text.replaceAll(" ", "\u00a0");
  }

  /** Return a second of the day as a clock shows it. */
  clock(second) {
    return this.forms.clock.format(second * 1000);
  }

  day(iso) {
    return this.forms.day.format(wall(iso));
  }

  when(iso) {
    return this.forms.when.format(wall(iso));
  }

  timeOf(iso) {
    return this.forms.clock.format(wall(iso));
  }
}

/** Return the wall clock of an ISO time as milliseconds since 1970 on that clock. */
export function wall(iso) {
  return Date.parse(`${iso.slice(0, 19)}Z`);
}
