// What all pages share: the words, who looks at them, how Home Assistant is asked, and the home's clock.

// What Home Assistant's websocket says of itself, as the page says it.
const KNOWN = { no_home: "no_home", unauthorized: "not_allowed", 3: "no_contact" };

export class Desk {
  #hass;
  #now = null;
  #at = 0;

  /** `hass` returns Home Assistant as the page was given it last; `me` is what `kvarbo/me` told. */
  constructor(hass, words, me) {
    this.#hass = hass;
    this.words = words;
    this.me = me;
  }

  sees(sight) {
    return this.me.sees.includes(sight);
  }

  may(action) {
    return this.me.may.includes(action);
  }

  ask(message) {
    return this.#hass().callWS(message);
  }

  /** Be told again and again; what ends it, once it has begun. */
  follow(message, take) {
    return this.#hass().connection.subscribeMessage(take, message);
  }

  /** Do one of Kvarbo's actions; what it answers. */
  async act(action, data) {
    const call = { type: "call_service", domain: "kvarbo", service: action, service_data: data, return_response: true };
    return (await this.ask(call)).response;
  }

  /** Take the home's own time, as it came with what the home told. */
  tell(now) {
    this.#now = Date.parse(now);
    this.#at = performance.now();
  }

  /** Return how many seconds it is until a time of the home's. */
  until(iso) {
    return (Date.parse(iso) - this.#now - (performance.now() - this.#at)) / 1000;
  }

  /** Return why something was refused, in words: the action's own where it has them. */
  sayError(error) {
    const own = error.translation_key && this.words.refusal(error.translation_key, error.translation_placeholders);
    if (own) return own;
    const key = KNOWN[error.code];
    return key ? this.words.page(key) : String(error.message ?? error.code ?? error);
  }
}
