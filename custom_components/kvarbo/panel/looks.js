// How the page looks. Colours are Home Assistant's own, light or dark; where those are too faint to
// be read, the page's own stand in.

export const looks = new CSSStyleSheet();
looks.replaceSync(`
:host {
  --ink: var(--primary-text-color, #141414);
  --paper: var(--card-background-color, #fff);
  --ground: var(--primary-background-color, #fafafa);
  --soft: color-mix(in srgb, var(--ink) 78%, var(--paper));
  --edge: color-mix(in srgb, var(--ink) 55%, var(--paper));
  --rule: color-mix(in srgb, var(--ink) 16%, var(--paper));
  --accent: #0f4c5c; --on-accent: #fff;
  --red: #b3261e; --amber: #f4b942; --blue: #5b2a86; --good: #0b5c46; --bar: #b3261e40;
  display: block; min-height: 100%; background: var(--ground); color: var(--ink);
  font-family: var(--ha-font-family-body, Roboto, "Noto Sans", sans-serif); font-size: 1rem; line-height: 1.5;
}
:host([dark]) {
  --accent: #7fd3e6; --on-accent: #06252d;
  --red: #ff8a80; --amber: #ffcf70; --blue: #cdb4f0; --good: #8fe0c8; --bar: #ff8a8050;
}
* { box-sizing: border-box; }
h1, h2, h3, p, ul { margin: 0; padding: 0; font-weight: 500; }
h2 { font-size: 1.15rem; } h3 { font-size: 1rem; } p { font-weight: 400; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }

header { position: sticky; top: 0; z-index: 2; display: flex; align-items: center; gap: .5rem; min-height: var(--header-height, 56px); padding: .3rem 1.25rem; background: var(--paper); border-bottom: 1px solid var(--rule); }
h1 { font-size: 1.25rem; line-height: 1.25; }
.menu { display: none; width: 44px; height: 44px; flex: none; padding: 10px; margin-left: -.6rem; background: none; border: 0; border-radius: 50%; }
.menu svg { display: block; fill: var(--ink); }
:host([narrow]) .menu { display: block; }
:host([narrow]) header { padding: .3rem .8rem; }

main { max-width: 1280px; margin: 0 auto; padding: 1.25rem; }
:host([narrow]) main { padding: .8rem; }
.about { max-width: 46rem; margin-bottom: 1rem; color: var(--soft); }
.columns { display: grid; gap: 1.25rem; align-items: start; grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); }
.columns:has(.result[hidden]) { grid-template-columns: minmax(0, 44rem); }
.choice, form { display: grid; gap: 1.25rem; min-width: 0; }
@media (max-width: 1100px) { .columns { grid-template-columns: minmax(0, 1fr); } }
.card { min-width: 0; margin: 0; padding: 1rem 1.1rem 1.1rem; background: var(--paper); border: 1px solid var(--rule); border-radius: var(--ha-card-border-radius, 12px); }
fieldset.card { padding-top: 3rem; position: relative; }
fieldset.card > legend { position: absolute; top: .9rem; left: 1.1rem; padding: 0; }
.hint, .more { color: var(--soft); font-size: .875rem; }

.rules { display: grid; gap: .5rem; }
.rule { display: flex; gap: .7rem; align-items: flex-start; padding: .6rem .75rem; border: 1px solid var(--rule); border-radius: 10px; cursor: pointer; }
.rule:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.rule:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.rule :focus-visible { outline: none; }
.rule > span { display: grid; gap: .15rem; min-width: 0; }
.rule strong { font-weight: 500; overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: .3rem; }
.chip { padding: 0 .6rem; border: 1px solid var(--edge); border-radius: 1em; font-size: .8125rem; }
.chip.good { border-color: var(--good); color: var(--good); }
.chip.bad { border-color: var(--red); color: var(--red); }
.rules:not(:has(.another :checked)) .kind { display: none; }
.rules .kind { margin-top: .4rem; }

.fields { display: grid; gap: 1.1rem; margin-top: .9rem; }
.columns:has(.result[hidden]) .fields { grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.1rem 1.5rem; }
.field { display: grid; gap: .3rem; align-content: start; min-width: 0; margin: 0; padding: 0; border: 0; }
.field > label, .field > legend { padding: 0; font-weight: 500; }
fieldset.field > legend { margin-bottom: .3rem; }
input, select, button { font: inherit; color: inherit; }
input:not([type=checkbox], [type=radio]), select { width: 100%; min-width: 0; min-height: 44px; padding: .3rem .6rem; background: var(--ground); border: 1px solid var(--edge); border-radius: 8px; }
:host([dark]) { color-scheme: dark; }
input[type=checkbox], input[type=radio] { width: 20px; height: 20px; margin: 2px 0; flex: none; accent-color: var(--accent); }
[aria-invalid] { border-color: var(--red) !important; box-shadow: inset 0 0 0 1px var(--red); }
.problem, .failed { color: var(--red); font-weight: 500; font-size: .9rem; }
.span { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 8rem); gap: .5rem; }
.flag { display: flex; gap: .6rem; align-items: flex-start; min-height: 28px; }
.flag label { font-weight: 500; }
.days { display: flex; flex-wrap: wrap; gap: .3rem .9rem; }
.day { display: flex; align-items: center; gap: .35rem; min-height: 32px; }
.go { display: grid; gap: .9rem; }
.go .field { max-width: 22rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; }
button:not(.menu) { min-height: 44px; padding: .4rem 1.3rem; border: 2px solid var(--edge); border-radius: 10px; background: none; font-weight: 500; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button[aria-disabled] { cursor: progress; }
button.main:hover { filter: brightness(1.1); }

.result { display: grid; gap: 1.1rem; scroll-margin-top: 70px; }
.result:focus { outline: none; }
.sentence { font-size: 1.35rem; line-height: 1.3; font-weight: 500; }
.outdated { padding: .4rem .8rem; border-left: 4px solid var(--amber); background: var(--ground); }
.also { color: var(--soft); }
.result > .also { margin-top: -.7rem; }
.icon { width: 18px; height: 18px; flex: none; }
.mark { stroke: var(--ink); stroke-width: 1.2; paint-order: stroke; }
.alarmed.mark { fill: var(--red); } .warned.mark { fill: var(--amber); } .fault.mark { fill: var(--blue); } .other.mark { fill: var(--paper); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0; list-style: none; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.axis, .row { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); gap: .6rem; align-items: center; font-size: .875rem; font-variant-numeric: tabular-nums; padding-right: .6rem; }
.axis div { display: flex; justify-content: space-between; margin: 0 -.5rem; color: var(--soft); font-size: .8125rem; }
.row { min-height: 30px; }
.hours { display: block; width: 100%; height: 24px; overflow: visible; background: var(--ground); border: 1px solid var(--rule); border-radius: 5px; }
.bar { fill: var(--bar); }
.gap { fill: color-mix(in srgb, var(--ink) 26%, var(--ground)); }
.unasked { fill: var(--paper); }
.line { stroke: var(--rule); }
table { width: 100%; border-collapse: collapse; margin-top: .4rem; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .875rem; }
th, td { padding: .5rem .9rem .5rem 0; vertical-align: top; border-bottom: 1px solid var(--rule); }
td { overflow-wrap: break-word; }
.what { display: flex; gap: .5rem; align-items: flex-start; }
.what .icon { margin-top: 3px; }
.what strong { font-weight: 500; } .what .more { display: block; }
@media (max-width: 640px) {
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--rule); }
  td { padding: .1rem 0; border: 0; }
  td:not(:first-child) { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; }
  td:not(:first-child)::before { content: attr(data-name); color: var(--soft); font-size: .875rem; }
  .axis, .row { grid-template-columns: 5.4rem minmax(0, 1fr); gap: .5rem; font-size: .8125rem; }
  .sentence { font-size: 1.2rem; }
}
`);
