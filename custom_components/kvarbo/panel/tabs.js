// The pages of the panel, in their order, and who finds which there. A further page is a further line.

import { makeAlarms } from "./alarms.js";
import { makeChain } from "./chain.js";
import { makeCounts } from "./counts.js";
import { makeDevices } from "./devices.js";
import { makeInstallation } from "./installation.js";
import { makeOverview } from "./overview.js";
import { makeReplay } from "./replay.js";

const TABS = [
  { key: "overview", make: makeOverview, for: (me) => me.sees.includes("see_devices") },
  { key: "alarms", make: makeAlarms, for: (me) => me.sees.includes("see_devices") },
  { key: "devices", make: makeDevices, for: (me) => me.sees.includes("see_devices") },
  { key: "installation", make: makeInstallation, for: (me) => me.may.includes("begin_commissioning") },
  { key: "chain", make: makeChain, for: (me) => me.sees.includes("see_devices") },
  { key: "replay", make: makeReplay, for: (me) => me.may.includes("replay_rule") },
  // Who sees more has no page of counts alone.
  { key: "counts", make: makeCounts, for: (me) => me.sees.includes("see_counts") && !me.sees.includes("see_devices") },
];

/** Return the pages that somebody finds. */
export function tabsFor(me) {
  return TABS.filter((tab) => tab.for(me));
}
