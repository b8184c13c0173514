"use strict";
// The operator's page. Whatever comes from a home is shown through textContent alone.

// The words between the marks are JSON; both languages have the same keys.
const WORDS = /* words */ {
  "sv": {
    "skip": "Till larmen", "title": "Larmplattformen", "subtitle": "Simulerad kommun för demonstration och prov. Ingen trygghetscentral finns bakom.",
    "other_language": "English", "linked": "Ansluten", "unlinked": "Ingen kontakt med larmplattformen",
    "open": "Öppna larm", "open_none": "Inga öppna larm just nu.", "closed": "Avslutade larm", "older": "Äldre larm som inte visas här: {n}",
    "home": "Hem", "room": "Rum", "device": "Enhet", "hub": "Navet", "resident": "Boende", "whole_home": "hela hemmet", "owner": "Ska agera", "last_seen": "Märktes senast", "until": "till", "priority": "Prioritet {n}",
    "class_personal": "Personlarm", "class_technical": "Tekniskt larm", "test": "TEST – PROVLARM, INGEN NÖD", "demo": "DEMO – ÖVNING, INGET VERKLIGT HEM",
    "sensed": "Hände", "received": "Mottaget", "after": "{t} efter", "delayed": "Försenat", "clock_trouble": "Osäker klocka i hemmet", "not_durable": "Inte sparat i hemmet",
    "minimal": "Kortaste formen", "presses": "Tryckt {n} gånger", "occurrences": "Har hänt {n} gånger", "also_sent_to": "Även sänt till mottagare {n}", "no_reason": "Ingen orsak angiven", "attempts": "Sändningar: {n}", "repeats": "varav upprepade: {n}",
    "acknowledge": "Jag tar larmet", "close": "Avsluta", "door": "Be hemmet låsa upp", "door_asked": "Hemmet är ombett att låsa upp dörren; det svarar inte om det gjorde det.", "state_received": "Väntar på en människa", "state_acknowledged": "Omhändertaget {t}", "state_closed": "Avslutat {t}",
    "by_person": "av en person", "by_system": "av systemet",
    "news_raised": "Larmet kom igen", "news_updated": "Ny uppgift", "news_cleared": "Faran är över, enligt hemmet", "news_cancelled": "Återtaget från hemmet",
    "note_pressed_again": "Tryckt igen", "note_repeated": "Har hänt igen", "note_taken_elsewhere": "Omhändertaget av en annan mottagare",
    "said_new": "Nytt larm: {what}", "said_news": "Nytt om larm: {what}", "said_taken": "Larmet är omhändertaget", "said_door": "Hemmet är ombett att låsa upp", "said_closed": "Larmet är avslutat",
    "homes": "Hem", "homes_none": "Inget hem har hört av sig ännu.", "heard": "Hörs", "silent": "Tyst", "conflict": "Två nav i samma hem", "no_beat": "Ingen kontrollsignal ännu",
    "beat": "Kontrollsignal för {t} sedan (väntas var {i})", "probe": "Prov av förbindelsen för {t} sedan", "undelivered": "Olevererat i hemmet: {n}", "health": "Enheter: {d}, saknas: {m}, tysta: {s}, svagt batteri: {b}, svag radio: {w}, öppna punkter: {o}", "version": "Version {v}", "hubs": "Nav: {h}",
    "buttons": "Knappar i hemmet", "buttons_about": "Tryck som den boende skulle göra.", "buttons_none": "Det simulerade hemmet svarar inte.", "not_joined": "inte parkopplad", "pressed": "Gjort: {what}",
    "act_press": "Tryck", "act_pull": "Dra", "act_release": "Återställ", "act_emergency": "Nödknapp", "act_motion": "Rörelse", "act_open": "Öppna", "act_close": "Stäng", "act_lie_down": "Lägg dig", "act_get_up": "Stig upp",
    "fault": "Fel på kommando", "fault_now": "Fel på kommando:", "fault_off": "Stäng av felet", "fault_mode": "Vad ska gå fel?", "fault_count": "Antal meddelanden", "fault_always": "alla", "fault_left": "{n} kvar",
    "fault_only": "Gäller", "fault_set": "Ställ in", "only_all": "allt som sänds", "only_alarm": "bara larm", "only_heartbeat": "bara kontrollsignaler", "value_seconds": "Sekunder", "value_status": "HTTP-kod", "value_retry_after": "Fråga igen efter (s)",
    "mode_none": "Inget, allt fungerar", "mode_slow": "Långsam", "mode_error": "Serverfel", "mode_refuse": "Vägrar formen", "mode_refuse_full": "Vägrar allt utom kortaste formen", "mode_hold": "Ber hemmet vänta", "mode_busy": "Upptagen",
    "mode_not_treated": "Behandlar inte", "mode_credentials": "Känner inte hemmet", "mode_down": "Nere", "mode_accept_and_die": "Tar emot och dör", "mode_silent": "Tyst", "mode_huge": "Jättesvar", "mode_trickle": "Droppar svaret",
    "mode_redirect": "Hänvisar vidare", "mode_empty200": "Tomt svar", "mode_garbage": "Skräpsvar",
    "about_none": "Varje larm kvitteras genast.", "about_slow": "Tar emot men svarar sent.", "about_error": "Svarar med ett fel och tar inte emot.", "about_refuse": "Säger att meddelandet har fel form.", "about_refuse_full": "Tar bara emot de nödvändigaste fälten.",
    "about_hold": "Säger att ärendet behandlas: fråga igen.", "about_busy": "Säger att det är fullt just nu.", "about_not_treated": "Säger att sådant inte behandlas här.", "about_credentials": "Nekar hemmets nyckel (HTTP 401).", "about_down": "Ingen lyssnar: förbindelser nekas.",
    "about_accept_and_die": "Tar emot larmet och bryter utan svar.", "about_silent": "Läser men svarar aldrig.", "about_huge": "Tar emot och svarar med 5 MiB.", "about_trickle": "Tar emot och svarar en byte i sekunden.", "about_redirect": "Skickar hemmet till en annan adress (HTTP 307).",
    "about_empty200": "HTTP 200 utan innehåll, inget tas emot.", "about_garbage": "HTTP 200 med något oläsligt, inget tas emot.",
    "raw": "Allt som kommit in", "raw_about": "Ordagrant, i den ordning det kom; bara hemmets nyckel är utelämnad.", "raw_count": "Totalt {n}, ur minnet {d}.", "raw_search": "Sök i det som visas", "raw_all": "Allt som JSON", "raw_none": "Inget att visa.", "raw_more": "Visa fler",
    "raw_unanswered": "obesvarat", "raw_unreadable": "oläsligt", "mode_taken_and_mute": "Tar emot och tystnar (SCAIP)", "mode_twice": "Svarar två gånger (SCAIP)", "mode_early": "Svarar före SIP-svaret (SCAIP)", "mode_no_reference": "Svarar utan referens (SCAIP)", "mode_callback": "Vill tala med hemmet (SCAIP)",
    "about_taken_and_mute": "SIP 202, men svaret kommer aldrig.", "about_twice": "Samma svar kommer flera gånger.", "about_early": "Det egna svaret hinner före SIP-svaret.", "about_no_reference": "Svaret säger inte vilket larm det gäller.", "about_callback": "Tar emot larmet och ber att få ringa upp.",
    "fault_by": "Mottagare", "by_both": "båda", "by_rest": "REST", "by_scaip": "SCAIP", "value_snu": "Svarskod (snu)", "value_minutes": "Minuter", "complaints": "Klagomål på hemmens SCAIP", "complaints_about": "Allt som reglerna förbjuder i det som hemmen sänder.", "no_way_back": "Kom med SCAIP: vad som görs här går inte tillbaka till hemmet.",
    "failed": "Det gick inte: {why}", "unknown": "inte känt"
  },
  "en": {
    "skip": "To the alarms", "title": "The alarm platform", "subtitle": "A simulated municipality for demonstration and tests. No alarm centre stands behind it.",
    "other_language": "Svenska", "linked": "Connected", "unlinked": "No contact with the alarm platform",
    "open": "Open alarms", "open_none": "No open alarms right now.", "closed": "Closed alarms", "older": "Older alarms not shown here: {n}",
    "home": "Home", "room": "Room", "device": "Device", "hub": "The hub", "resident": "Resident", "whole_home": "the whole home", "owner": "Who acts", "last_seen": "Last sign of life", "until": "until", "priority": "Priority {n}",
    "class_personal": "Personal alarm", "class_technical": "Technical alarm", "test": "TEST – NO EMERGENCY", "demo": "DEMO – AN EXERCISE, NO REAL HOME",
    "sensed": "Happened", "received": "Received", "after": "{t} later", "delayed": "Delayed", "clock_trouble": "Clock in the home uncertain", "not_durable": "Not stored in the home",
    "minimal": "Shortest form", "presses": "Pressed {n} times", "occurrences": "Has happened {n} times", "also_sent_to": "Also sent to receiver {n}", "no_reason": "No reason given", "attempts": "Times sent: {n}", "repeats": "repeats among them: {n}",
    "acknowledge": "I take this alarm", "close": "Close", "door": "Ask the home to unlock", "door_asked": "The home is asked to unlock its door; it does not say whether it did.", "state_received": "Waiting for a person", "state_acknowledged": "Taken care of {t}", "state_closed": "Closed {t}",
    "by_person": "by a person", "by_system": "by the system",
    "news_raised": "The alarm came again", "news_updated": "Update", "news_cleared": "The danger is over, the home says", "news_cancelled": "Withdrawn by the home",
    "note_pressed_again": "Pressed again", "note_repeated": "Happened again", "note_taken_elsewhere": "Taken by another receiver",
    "said_new": "New alarm: {what}", "said_news": "News of an alarm: {what}", "said_taken": "The alarm is taken care of", "said_door": "The home is asked to unlock", "said_closed": "The alarm is closed",
    "homes": "Homes", "homes_none": "No home has been heard yet.", "heard": "Heard", "silent": "Silent", "conflict": "Two hubs in one home", "no_beat": "No heartbeat yet",
    "beat": "Heartbeat {t} ago (expected every {i})", "probe": "Path probed {t} ago", "undelivered": "Undelivered in the home: {n}", "health": "Devices: {d}, missing: {m}, silent: {s}, low battery: {b}, weak link: {w}, open items: {o}", "version": "Version {v}", "hubs": "Hubs: {h}",
    "buttons": "Buttons in the home", "buttons_about": "Press as the resident would.", "buttons_none": "The simulated home does not answer.", "not_joined": "not paired", "pressed": "Done: {what}",
    "act_press": "Press", "act_pull": "Pull", "act_release": "Reset", "act_emergency": "Emergency key", "act_motion": "Move", "act_open": "Open", "act_close": "Close", "act_lie_down": "Lie down", "act_get_up": "Get up",
    "fault": "Faults on command", "fault_now": "Fault on command:", "fault_off": "End the fault", "fault_mode": "What should go wrong?", "fault_count": "Number of messages", "fault_always": "all", "fault_left": "{n} left",
    "fault_only": "Meets", "fault_set": "Set", "only_all": "all that is sent", "only_alarm": "alarms only", "only_heartbeat": "heartbeats only", "value_seconds": "Seconds", "value_status": "HTTP status", "value_retry_after": "Ask again after (s)",
    "mode_none": "Nothing, all is well", "mode_slow": "Slow", "mode_error": "Server error", "mode_refuse": "Refuses the form", "mode_refuse_full": "Refuses all but the shortest form", "mode_hold": "Asks the home to hold", "mode_busy": "Busy",
    "mode_not_treated": "Does not treat", "mode_credentials": "Does not know the home", "mode_down": "Down", "mode_accept_and_die": "Accepts and dies", "mode_silent": "Silent", "mode_huge": "Huge answer", "mode_trickle": "Trickling answer",
    "mode_redirect": "Redirects", "mode_empty200": "Empty answer", "mode_garbage": "Garbage answer",
    "about_none": "Every alarm gets its receipt at once.", "about_slow": "Takes it but answers late.", "about_error": "Answers with an error and takes nothing.", "about_refuse": "Says that the message has the wrong form.", "about_refuse_full": "Takes the most necessary fields only.",
    "about_hold": "Says that it is being handled: ask again.", "about_busy": "Says that there is no room right now.", "about_not_treated": "Says that such is not treated here.", "about_credentials": "Refuses the home's key (HTTP 401).", "about_down": "Nobody listens: connections are refused.",
    "about_accept_and_die": "Takes the alarm and cuts the line without an answer.", "about_silent": "Reads but never answers.", "about_huge": "Takes it and answers with 5 MiB.", "about_trickle": "Takes it and answers one byte a second.", "about_redirect": "Sends the home to another address (HTTP 307).",
    "about_empty200": "HTTP 200 with nothing in it; nothing is taken.", "about_garbage": "HTTP 200 with something unreadable; nothing is taken.",
    "raw": "Everything received", "raw_about": "Word for word, in the order it came; only the home's key is left out.", "raw_count": "{n} in all, {d} dropped from memory.", "raw_search": "Search what is shown", "raw_all": "All as JSON", "raw_none": "Nothing to show.", "raw_more": "Show more",
    "raw_unanswered": "unanswered", "raw_unreadable": "unreadable", "mode_taken_and_mute": "Takes it and falls silent (SCAIP)", "mode_twice": "Answers twice (SCAIP)", "mode_early": "Answers before the SIP answer (SCAIP)", "mode_no_reference": "Answers without a reference (SCAIP)", "mode_callback": "Wants to speak with the home (SCAIP)",
    "about_taken_and_mute": "SIP 202, but the answer never comes.", "about_twice": "The same answer comes several times.", "about_early": "Its own answer overtakes the SIP answer.", "about_no_reference": "The answer does not say which alarm it is about.", "about_callback": "Takes the alarm and asks to call back.",
    "fault_by": "Receiver", "by_both": "both", "by_rest": "REST", "by_scaip": "SCAIP", "value_snu": "Answer number (snu)", "value_minutes": "Minutes", "complaints": "Complaints about the homes' SCAIP", "complaints_about": "All that the rules forbid in what the homes send.", "no_way_back": "Came by SCAIP: what is done here does not go back to the home.",
    "failed": "That did not work: {why}", "unknown": "not known"
  }
} /* end of words */;

// Kinds, rooms and roles by the home's own codes; an unknown code is shown as it is.
const CODES = /* codes */ {
  "sv": {
    "help_call": "Rop på hjälp", "fall": "Fall", "smoke": "Brandrök", "carbon_monoxide": "Kolmonoxid", "gas": "Gas", "inactivity": "Ingen rörelse", "night_absence": "Uppe på natten, inte tillbaka", "not_up": "Inte uppe",
    "left_home": "Har lämnat hemmet", "not_returned": "Har inte kommit hem", "door_open": "Dörr står öppen", "bathroom_stay": "Länge i badrummet", "roaming": "Nattvandring", "bed_empty": "Tom säng", "no_bed_exit": "Inte ur sängen",
    "left_room": "Har lämnat rummet", "medicine_missed": "Missad medicin", "check_in_missed": "Missad incheckning", "lift_stopped": "Toalettlyften har stannat", "flood": "Vattenläcka", "heat_left_on": "Spisen är på",
    "receiver_lost": "Larmmottagning svarar inte", "path_lost": "Förbindelse bruten", "form_refused": "Meddelande vägrat", "credentials_refused": "Nyckel nekad", "two_hubs": "Två nav i samma hem", "journal_restored": "Journalen är återställd",
    "journal_fault": "Fel i journalen", "clock_fault": "Fel på klockan", "rule_fault": "Fel i en regel", "radio_lost": "Radion borta", "device_silent": "Enhet tyst", "device_blind": "Enhet utan sikt", "device_tamper": "Öppnad eller flyttad",
    "device_battery": "Svagt batteri", "device_fault": "Fel på enhet", "lock_fault": "Fel på lås", "entry_ungranted": "Dörr öppnad utan lov", "mains_lost": "Elavbrott",
    "home": "Hemmet", "bathroom": "Badrum", "bedroom": "Sovrum", "living_room": "Vardagsrum", "kitchen": "Kök", "hallway": "Hall", "dining_room": "Matrum", "study": "Arbetsrum", "laundry": "Tvättstuga", "sauna": "Bastu", "stairs": "Trappa",
    "basement": "Källare", "loft": "Vind", "garage": "Garage", "garden": "Trädgård", "front_door": "Ytterdörr", "back_door": "Bakdörr", "hub": "navet", "rule": "regel", "help_button": "larmknapp",
    "motion": "rörelsesensor", "bed": "sängsensor", "chair": "stolssensor", "exit_door": "ytterdörr", "inner_door": "innerdörr", "item": "bruksföremål", "check_in": "knapp för daglig kontroll", "fall_sensor": "fallsensor", "room_sensor": "rumssensor", "dispenser": "läkemedelsautomat", "plug": "eluttag", "lift": "toalettlyft", "water": "vattensensor", "heat": "värmekälla", "mover": "robotdammsugare", "mains": "nätström eller UPS", "entry_lock": "entrélås", "answer": "lampa eller högtalare för svar", "worn": "bärbart larm", "worn_charger": "laddare till bärbart larm", "screen_plug": "eluttag för kamera eller surfplatta",
    "home_care": "hemtjänst", "night_patrol": "nattpatrull", "alarm_centre": "trygghetscentral", "nurse": "sjuksköterska", "relative": "anhörig", "operations": "drift",
    "wallbutton": "Larmknapp på väggen", "sosbutton": "Larmknapp att bära", "sospullcord": "Larmsnöre", "panicremote": "Nyckelbricka med nödknapp", "motionsensor": "Rörelsevakt", "doorcontact": "Dörrkontakt", "bedmat": "Sängmatta", "lock": "Digitalt lås", "siren": "Siren"
  },
  "en": {
    "help_call": "Call for help", "fall": "Fall", "smoke": "Smoke", "carbon_monoxide": "Carbon monoxide", "gas": "Gas", "inactivity": "No movement", "night_absence": "Up at night, not back", "not_up": "Not up",
    "left_home": "Has left home", "not_returned": "Has not come home", "door_open": "Door left open", "bathroom_stay": "Long in the bathroom", "roaming": "Wandering at night", "bed_empty": "Bed empty", "no_bed_exit": "Not out of bed",
    "left_room": "Has left the room", "medicine_missed": "Medicine missed", "check_in_missed": "Check-in missed", "lift_stopped": "Toilet lift has stopped", "flood": "Water leak", "heat_left_on": "Stove left on",
    "receiver_lost": "Alarm receiver does not answer", "path_lost": "Path lost", "form_refused": "Message refused", "credentials_refused": "Credentials refused", "two_hubs": "Two hubs in one home", "journal_restored": "Journal restored",
    "journal_fault": "Journal fault", "clock_fault": "Clock fault", "rule_fault": "Rule fault", "radio_lost": "Radio lost", "device_silent": "Device silent", "device_blind": "Device blind", "device_tamper": "Opened or moved",
    "device_battery": "Battery low", "device_fault": "Device fault", "lock_fault": "Lock fault", "entry_ungranted": "Door opened without a grant", "mains_lost": "Mains lost",
    "home": "The home", "bathroom": "Bathroom", "bedroom": "Bedroom", "living_room": "Living room", "kitchen": "Kitchen", "hallway": "Hallway", "dining_room": "Dining room", "study": "Study", "laundry": "Laundry", "sauna": "Sauna", "stairs": "Stairs",
    "basement": "Basement", "loft": "Loft", "garage": "Garage", "garden": "Garden", "front_door": "Front door", "back_door": "Back door", "hub": "the hub", "rule": "rule", "help_button": "help button",
    "motion": "motion sensor", "bed": "bed sensor", "chair": "chair sensor", "exit_door": "outer door", "inner_door": "inner door", "item": "item in use", "check_in": "check-in button", "fall_sensor": "fall sensor", "room_sensor": "room sensor", "dispenser": "medicine dispenser", "plug": "power plug", "lift": "toilet lift", "water": "water sensor", "heat": "heat source", "mover": "robot vacuum", "mains": "mains or UPS", "entry_lock": "entry lock", "answer": "lamp or speaker for answers", "worn": "worn alarm", "worn_charger": "charger of a worn alarm", "screen_plug": "plug of a camera or tablet",
    "home_care": "home care", "night_patrol": "night patrol", "alarm_centre": "alarm centre", "nurse": "nurse", "relative": "relative", "operations": "operations",
    "wallbutton": "Wall button", "sosbutton": "Worn button", "sospullcord": "Pull cord", "panicremote": "Key fob with emergency key", "motionsensor": "Motion sensor", "doorcontact": "Door contact", "bedmat": "Bed mat", "lock": "Digital lock", "siren": "Siren"
  }
} /* end of codes */;

const FIRST = new Set(["help_call", "fall", "smoke", "carbon_monoxide", "gas"]);
const ACTS = {
  wallbutton: ["press"], sosbutton: ["press"], sospullcord: ["pull", "release"], panicremote: ["emergency"],
  motionsensor: ["motion"], doorcontact: ["open", "close"], bedmat: ["lie_down", "get_up"],
};
const MODES = ["none", "slow", "error", "refuse", "refuse_full", "hold", "busy", "not_treated", "credentials", "down", "accept_and_die", "silent", "huge", "trickle", "redirect", "empty200", "garbage", "taken_and_mute", "twice", "early", "no_reference", "callback"];
const VALUES = { slow: ["seconds", 5], error: ["status", 500], hold: ["retry_after", 10], busy: ["retry_after", ""], refuse: ["snu", 2], refuse_full: ["snu", 2], callback: ["minutes", 5] };
const SHOWN_ALARMS = 200;

const byId = (id) => document.getElementById(id);
let language = remembered() === "en" ? "en" : "sv";
let state = null;
let raw = { exchanges: [], received: 0, dropped: 0 };
let devices = null;
let rawShown = 50;
let clockAhead = 0;
const seen = new Map();

function remembered() {
  try { return localStorage.getItem("language"); } catch { return null; }
}
function say(word, values = {}) {
  return WORDS[language][word].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
function code(value) {
  if (value === null || value === undefined || value === "") return say("unknown");
  return Object.hasOwn(CODES[language], value) ? CODES[language][value] : String(value);
}
function el(tag, className = "", text = null, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== null) node.textContent = text;
  node.append(...children.filter((child) => child !== null));
  return node;
}
function put(node, text) { if (node.textContent !== text) node.textContent = text; }

// Keep one node for each key, so that focus and open details survive a redraw.
function keyed(parent, items, keyOf, make, fill) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = null;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = old.get(key);
    if (node) old.delete(key);
    else { node = make(item); node.dataset.key = key; }
    fill(node, item);
    const next = place ? place.nextSibling : parent.firstChild;
    if (next !== node) parent.insertBefore(node, next);
    place = node;
  }
  for (const node of old.values()) node.remove();
}

// Times -----------------------------------------------------------------------------------------------------------------
function locale() { return language === "sv" ? "sv-SE" : "en-GB"; }
function clock(stamp, fine = false) {
  if (!stamp) return say("unknown");
  const moment = new Date(stamp);
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (fine) parts.fractionalSecondDigits = 3;
  if (moment.toDateString() !== new Date(now()).toDateString()) Object.assign(parts, { day: "numeric", month: "short" });
  return new Intl.DateTimeFormat(locale(), parts).format(moment);
}
function now() { return Date.now() + clockAhead; }
function lasting(seconds) {
  const number = (value, digits) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
  if (seconds < 10) return `${number(Math.max(seconds, 0), 1)}\u00a0s`;
  if (seconds < 120) return `${number(seconds, 0)}\u00a0s`;
  if (seconds < 7200) return `${number(seconds / 60, 0)}\u00a0min`;
  if (seconds < 172800) return `${number(seconds / 3600, 0)}\u00a0h`;
  return language === "sv" ? `${number(seconds / 86400, 0)} dygn` : `${number(seconds / 86400, 0)} days`;
}
function ago(stamp) { return lasting((now() - new Date(stamp)) / 1000); }

// Alarms ----------------------------------------------------------------------------------------------------------------
function summary(alarm) {
  const mark = alarm.test ? `${say("test")}. ` : alarm.demo ? `${say("demo")}. ` : "";
  return `${mark}${code(alarm.kind)}, ${code(alarm.location)}, ${say("home").toLowerCase()} ${alarm.home}, ${say("priority", { n: alarm.priority }).toLowerCase()}`;
}
function fact(name, value) {
  return el("div", "", null, el("dt", "", name), el("dd", "", value));
}
function times(alarm) {
  const sensed = alarm.sensed_at || alarm.raised_at;
  const late = (new Date(alarm.received_at) - new Date(sensed)) / 1000;
  const until = alarm.until ? ` ${say("until")} ${clock(alarm.until)}` : "";
  return el("p", "times", null, el("span", "", `${say("sensed")} ${clock(sensed, true)}${until}`), el("span", "", "→"),
    el("span", "", `${say("received")} ${clock(alarm.received_at, true)}`), el("span", "small", `(${say("after", { t: lasting(late) })})`));
}
function chips(alarm) {
  const line = el("div", "line");
  const add = (words, kind) => line.append(el("span", `chip ${kind}`, words));
  if (alarm.delayed) add(say("delayed"), "alert");
  if (alarm.clock_trouble) add(say("clock_trouble"), "warn");
  if (alarm.durable === false) add(say("not_durable"), "warn");
  if (alarm.presses > 1) add(say("presses", { n: alarm.presses }), "red");
  if (alarm.occurrences > 1) add(say("occurrences", { n: alarm.occurrences }), "warn");
  if (alarm.also_sent_to) add(say("also_sent_to", { n: alarm.also_sent_to }), "warn");
  if (alarm.messages.every((message) => message.minimal)) add(say("minimal"), "warn");
  if (alarm.protocol) add(`${alarm.protocol} ${alarm.codes || ""}`.trim(), "");
  return line.childElementCount ? line : null;
}
function lastSeen(alarm) {
  const known = [alarm.seen_in && code(alarm.seen_in), alarm.seen_at && clock(alarm.seen_at)].filter(Boolean);
  return known.length ? fact(say("last_seen"), known.join(", ")) : null;
}
function news(alarm) {
  const list = el("ul", "news");
  alarm.messages.forEach((message, index) => {
    const what = message.type.split(".").pop();
    if (what === "raised" && index === 0) return;
    const note = message.data.note;
    const known = note && Object.hasOwn(WORDS[language], `note_${note}`) ? say(`note_${note}`) : note;
    const words = what === "updated" && known ? known : say(`news_${what}`);
    list.append(el("li", "", null, el("span", "small", `${clock(message.received_at)} `), el("span", "", words)));
  });
  return list.childElementCount ? list : null;
}
function standing(alarm) {
  const words = say(`state_${alarm.state}`, { t: alarm.at ? clock(alarm.at) : "" });
  return alarm.by ? `${words} ${say(`by_${alarm.by}`)}` : words;
}
function makeCard(alarm) {
  const take = el("button", "take");
  const close = el("button", "plain");
  const door = el("button", "plain");
  const card = el("article", "card", null, el("div", "top-part"), el("div", "inside", null, el("div", "text inside-text"), el("div", "acts", null, take, close, door, el("span", "state"))));
  take.type = close.type = door.type = "button";
  take.addEventListener("click", () => act(`/operator/alarms/${alarm.alarm}/acknowledge`, take, "said_taken"));
  close.addEventListener("click", async () => {
    if (await act(`/operator/alarms/${alarm.alarm}/close`, close, "said_closed")) byId("open").focus();
  });
  door.addEventListener("click", () => act(`/operator/alarms/${alarm.alarm}/door`, door, "said_door"));
  return card;
}
function fillCard(card, alarm) {
  const drawn = JSON.stringify([language, alarm]);
  if (card.drawn === drawn) return;
  card.drawn = drawn;
  const first = alarm.class === "personal" && isFirst(alarm);
  const closed = alarm.state === "closed";
  const real = !alarm.test && !alarm.demo;
  card.classList.toggle("personal", alarm.class === "personal");
  card.classList.toggle("first", first && real && !closed);
  card.classList.toggle("is-test", alarm.test);
  card.classList.toggle("is-demo", alarm.demo && !alarm.test);
  card.classList.toggle("is-closed", closed);
  const marks = [];
  if (alarm.test) marks.push(el("p", "mark test", say("test")));
  if (alarm.demo) marks.push(el("p", "mark demo", say("demo")));
  card.querySelector(".top-part").replaceChildren(...marks);
  const title = el("h3", "", code(alarm.kind));
  title.id = `alarm-${alarm.alarm}`;
  card.setAttribute("aria-labelledby", title.id);
  const device = alarm.device === undefined ? null : alarm.device === 0 ? say("hub") : `${alarm.device}${alarm.role ? ` (${code(alarm.role)})` : ""}`;
  const resident = alarm.resident === undefined ? null : alarm.resident === 0 ? say("whole_home") : String(alarm.resident);
  const parts = [
    el("div", "line", null, title, el("span", first && real && !closed ? "chip red" : "chip", say("priority", { n: alarm.priority })), el("span", "chip", say(`class_${alarm.class}`))),
    el("dl", "facts", null, fact(say("home"), alarm.home), fact(say("room"), code(alarm.location)), device && fact(say("device"), device), resident && fact(say("resident"), resident), alarm.owner ? fact(say("owner"), code(alarm.owner)) : null, lastSeen(alarm)),
    el("p", "reason", alarm.reason || say("no_reason")), chips(alarm), times(alarm), news(alarm),
    alarm.protocol ? el("p", "small", say("no_way_back")) : null,
    alarm.door ? el("p", "small", say("door_asked")) : null,
    alarm.attempts > 1 ? el("p", "small", `${say("attempts", { n: alarm.attempts })}, ${say("repeats", { n: alarm.repeats })}`) : null,
  ];
  card.querySelector(".text").replaceChildren(...parts.filter((part) => part !== null));
  const [take, close, door] = card.querySelectorAll("button");
  const shown = card.querySelector(".state");
  put(take, say("acknowledge"));
  put(close, say("close"));
  put(door, say("door"));
  for (const button of [take, close, door]) button.setAttribute("aria-describedby", title.id);
  const hadFocus = document.activeElement === take;
  take.hidden = alarm.state !== "received" && alarm.by !== "system" || closed;
  close.hidden = closed;
  // By SCAIP there is no way back that could carry it, and a technical alarm lets nobody in.
  door.hidden = closed || alarm.by !== "person" || alarm.class !== "personal" || Boolean(alarm.protocol);
  if (hadFocus && take.hidden && !close.hidden) close.focus();
  put(shown, standing(alarm));
  shown.className = alarm.state === "acknowledged" && alarm.by === "person" ? "state taken" : "state small";
}
function isFirst(alarm) {
  // SCAIP has no word for our kinds: the highest priority says it.
  return FIRST.has(alarm.kind) || (Boolean(alarm.protocol) && alarm.priority === 9);
}
function rank(alarm) {
  return [alarm.test || alarm.demo ? 1 : 0, isFirst(alarm) ? 0 : 1, alarm.class === "personal" ? 0 : 1, alarm.state === "received" ? 0 : 1, -alarm.priority, -Date.parse(alarm.received_at)];
}
function byRank(one, other) {
  const [a, b] = [rank(one), rank(other)];
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}
function drawAlarms() {
  const open = state.alarms.filter((alarm) => alarm.state !== "closed").sort(byRank);
  const closed = state.alarms.filter((alarm) => alarm.state === "closed").reverse();
  keyed(byId("open-list"), open, (alarm) => alarm.alarm, makeCard, fillCard);
  keyed(byId("closed-list"), closed, (alarm) => alarm.alarm, makeCard, fillCard);
  put(byId("open-count"), String(open.length));
  put(byId("closed-count"), String(closed.length));
  byId("open-none").hidden = open.length > 0;
  byId("closed").hidden = closed.length === 0;
  const older = state.counts.alarms - state.alarms.length;
  byId("older").hidden = older <= 0;
  put(byId("older"), say("older", { n: older }));
  const waiting = open.filter((alarm) => alarm.state === "received").length;
  document.title = (waiting ? `(${waiting}) ` : "") + say("title");
}
function announce(first) {
  const fresh = [];
  const changed = [];
  for (const alarm of state.alarms) {
    const before = seen.get(alarm.alarm);
    seen.set(alarm.alarm, alarm.messages.length);
    if (before === undefined) fresh.push(alarm);
    else if (before < alarm.messages.length) changed.push(alarm);
  }
  if (first) return;
  if (fresh.length) put(byId("say-now"), fresh.map((alarm) => say("said_new", { what: summary(alarm) })).join(". "));
  if (changed.length) put(byId("say"), changed.map((alarm) => say("said_news", { what: summary(alarm) })).join(". "));
  for (const alarm of fresh) {
    const card = [...byId("open-list").children].find((child) => child.dataset.key === alarm.alarm);
    if (card) card.classList.add("is-new");
  }
}

// Homes, buttons, faults -----------------------------------------------------------------------------------------------
function drawHomes() {
  byId("homes-none").hidden = state.homes.length > 0;
  keyed(byId("homes-list"), state.homes, (home) => home.home, () => el("article", "home"), (node, home) => {
    const chip = home.conflict ? ["alert", "conflict"] : home.silent ? ["alert", "silent"] : home.last_heartbeat ? ["good", "heard"] : ["warn", "no_beat"];
    const lines = [el("div", "line", null, el("h3", "", `${say("home")} ${home.home}`), el("span", `chip ${chip[0]}`, say(chip[1])))];
    if (home.conflict && home.silent) lines[0].append(el("span", "chip alert", say("silent")));
    const line = (words) => lines.push(el("p", "small", words));
    if (home.last_heartbeat) line(say("beat", { t: ago(home.last_heartbeat), i: lasting(home.interval) }));
    if (home.last_probe) line(say("probe", { t: ago(home.last_probe) }));
    if (home.undelivered !== null) line(`${say("undelivered", { n: home.undelivered })} · ${say("version", { v: home.version })}`);
    if (typeof home.devices === "number") line(say("health", { d: home.devices, m: home.devices_missing, s: home.devices_silent, b: home.low_batteries, w: home.weak_links, o: home.open_items ?? 0 }));
    if (home.hubs.length) line(say("hubs", { h: home.hubs.map((hub) => `…${hub.hub.slice(-6)}`).join(", ") }));
    node.replaceChildren(...lines);
  });
}
function kindOfDevice(device) {
  return String(device.kind ?? "").toLowerCase().replace(/[^a-z]/g, "");
}
function drawButtons() {
  byId("buttons").hidden = !state.buttons;
  const list = Array.isArray(devices) ? devices : [];
  byId("buttons-none").hidden = list.length > 0;
  keyed(byId("buttons-list"), list, (device) => device.ieee, (device) => {
    const acts = el("div", "acts");
    const node = el("div", "device", null, el("div", "what", null, el("strong"), el("span", "small")), acts);
    const known = (ACTS[kindOfDevice(device)] ?? []).filter((method) => !Array.isArray(device.actions) || device.actions.includes(method));
    for (const method of known) {
      const button = el("button", method === "press" || method === "pull" || method === "emergency" ? "call" : "plain");
      button.type = "button";
      button.dataset.act = method;
      button.addEventListener("click", () => act(`/operator/buttons/${device.ieee}/${method}`, button, "pressed", `act_${method}`));
      acts.append(button);
    }
    return node;
  }, (node, device) => {
    put(node.querySelector("strong"), code(kindOfDevice(device) || device.model || device.ieee));
    put(node.querySelector(".small"), device.joined ? String(device.ieee) : say("not_joined"));
    for (const button of node.querySelectorAll("button")) {
      put(button, say(`act_${button.dataset.act}`));
      button.setAttribute("aria-label", `${button.textContent}: ${node.querySelector("strong").textContent}`);
      button.disabled = !device.joined;
    }
  });
}
function drawFault() {
  const fault = state.fault;
  byId("fault-now").hidden = fault.mode === "none";
  const left = fault.count === null ? "" : ` (${say("fault_left", { n: fault.count })})`;
  put(byId("fault-words"), `${say(`mode_${fault.mode}`)}${left}. ${say(`about_${fault.mode}`)}`);
}
function drawFaultForm() {
  const mode = byId("fault-mode").value;
  const value = VALUES[mode];
  const single = mode !== "none" && mode !== "down";
  put(byId("fault-about"), say(`about_${mode}`));
  byId("fault-value-label").hidden = !value;
  if (value) put(byId("fault-value-name"), say(`value_${value[0]}`));
  byId("fault-count-label").hidden = byId("fault-only-label").hidden = !single;
  byId("fault-by-label").hidden = !state || !state.scaip;
}
async function setFault(event) {
  event.preventDefault();
  const mode = byId("fault-mode").value;
  const fault = { mode };
  if (state.scaip) fault.by = byId("fault-by").value || null;
  const value = VALUES[mode];
  if (value && byId("fault-value").value !== "") fault[value[0]] = Number(byId("fault-value").value);
  if (mode !== "none" && mode !== "down") {
    fault.count = byId("fault-count").value === "" ? null : Number(byId("fault-count").value);
    fault.only = byId("fault-only").value || null;
  }
  await post("/operator/faults", fault);
}

function drawComplaints() {
  byId("complaints").hidden = state.complaints.length === 0;
  put(byId("complaints-count"), String(state.complaints.length));
  const lines = state.complaints.slice(-50).reverse();
  byId("complaints-list").replaceChildren(...lines.map((one) => el("li", "", null, el("span", "small", `${clock(one.at)} ${say("home")} ${one.home} `), el("strong", "", one.words))));
}

// Raw ---------------------------------------------------------------------------------------------------------------------
function drawRaw() {
  const wanted = byId("raw-search").value.toLowerCase();
  const text = (one) => `${one.method} ${one.path}\n${one.headers.map((pair) => pair.join(": ")).join("\n")}\n\n${one.body}`;
  const chosen = raw.exchanges.filter((one) => !wanted || text(one).toLowerCase().includes(wanted)).reverse();
  keyed(byId("raw-list"), chosen, (one) => one.order, () => el("details", "", null, el("summary"), el("pre")), (node, one) => {
    const drawn = JSON.stringify([language, one.order, one.answer, one.answered]);
    if (node.drawn === drawn) return;
    node.drawn = drawn;
    const answer = one.answered ? el("span", "", one.answer) : el("span", "not", `${say("raw_unanswered")} ${one.answer}`.trim());
    const what = one.method ? `${one.method} ${one.path}` : say("raw_unreadable");
    node.firstChild.replaceChildren(el("span", "", `#${one.order}`), el("span", "", clock(one.at, true)), el("span", "grow", `${what} ${kindOf(one.body)}`), answer, el("span", "", `${one.body.length} B`));
    put(node.lastChild, text(one));
  });
  byId("raw-none").hidden = chosen.length > 0;
  byId("raw-more").hidden = raw.received - raw.dropped <= raw.exchanges.length;
  put(byId("raw-count"), say("raw_count", { n: raw.received, d: raw.dropped }));
}
function kindOf(body) {
  const found = /"type"\s*:\s*"org\.kvarbo\.([a-z.]{1,40})"/.exec(body);
  return found ? found[1] : "";
}

// Talking with the server -------------------------------------------------------------------------------------------------
async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.words ? `${value.field}: ${value.words}` : `HTTP ${answer.status}`);
  return value;
}
async function post(path, body) {
  byId("trouble").hidden = true;
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const value = await answer.json();
    if (answer.ok) return true;
    throw new Error(`${value.field}: ${value.words}`);
  } catch (error) {
    put(byId("trouble"), say("failed", { why: error.message }));
    byId("trouble").hidden = false;
    return false;
  }
}
async function act(path, button, done, what = null) {
  button.setAttribute("aria-busy", "true");
  const worked = await post(path, {});
  button.removeAttribute("aria-busy");
  if (worked) { put(byId("say"), ""); put(byId("say"), say(done, { what: what ? say(what) : "" })); }
  return worked;
}
let busy = false;
let again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    do {
      again = false;
      const first = state === null;
      const [fresh, freshRaw] = await Promise.all([get(`/operator/state?last=${SHOWN_ALARMS}`), get(`/operator/raw?last=${rawShown}`)]);
      state = fresh;
      raw = freshRaw;
      clockAhead = Date.parse(state.now) - Date.now();
      if (first && state.buttons) await refreshButtons();
      draw();
      announce(first);
      linked(true);
    } while (again);
  } catch { linked(false); } finally { busy = false; }
}
async function refreshButtons() {
  try {
    const value = await get("/operator/buttons");
    devices = Array.isArray(value) ? value : value?.devices ?? null;
  } catch { devices = null; }
  if (state) drawButtons();
}
function draw() {
  drawAlarms();
  drawHomes();
  drawButtons();
  drawFault();
  drawComplaints();
  byId("fault-by-label").hidden = !state.scaip;
  drawRaw();
}
function linked(well) {
  byId("link").classList.toggle("lost", !well);
  put(byId("link"), say(well ? "linked" : "unlinked"));
}
function options(select, values, word) {
  const chosen = select.value;
  select.replaceChildren(...values.map((value) => {
    const option = el("option", "", say(word(value)));
    option.value = value;
    return option;
  }));
  select.value = values.includes(chosen) ? chosen : values[0];
}
function speak() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) put(node, say(node.dataset.word));
  for (const node of document.querySelectorAll("[data-hint]")) node.placeholder = say(node.dataset.hint);
  put(byId("language"), say("other_language"));
  byId("language").lang = language === "sv" ? "en" : "sv";
  options(byId("fault-mode"), MODES, (mode) => `mode_${mode}`);
  options(byId("fault-by"), ["", "rest", "scaip"], (by) => `by_${by || "both"}`);
  options(byId("fault-only"), ["", "alarm", "heartbeat"], (only) => `only_${only || "all"}`);
  drawFaultForm();
  linked(!byId("link").classList.contains("lost"));
  if (state) draw();
}

byId("language").addEventListener("click", () => {
  language = language === "sv" ? "en" : "sv";
  try { localStorage.setItem("language", language); } catch { /* the choice lasts as long as the page */ }
  speak();
});
byId("fault-mode").addEventListener("change", () => {
  const value = VALUES[byId("fault-mode").value];
  byId("fault-value").value = value ? String(value[1]) : "";
  drawFaultForm();
});
byId("fault-form").addEventListener("submit", setFault);
byId("fault-off").addEventListener("click", () => post("/operator/faults", { mode: "none" }));
byId("raw-search").addEventListener("input", drawRaw);
byId("raw-more").addEventListener("click", () => { rawShown *= 4; refresh(); });

speak();
function listen() {
  const stream = new EventSource("/operator/events");
  stream.addEventListener("changed", refresh);
  stream.addEventListener("open", () => linked(true));
  stream.addEventListener("error", () => {
    linked(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
}
listen();
setInterval(() => { if (state) drawHomes(); }, 1000);
setInterval(() => { if (!document.hidden) refresh(); }, 15000);
setInterval(() => { if (state?.buttons && !document.hidden) refreshButtons(); }, 3000);
