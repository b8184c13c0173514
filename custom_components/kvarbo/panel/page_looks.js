// How the pages beside the replay look. Colours are those of `looks.js`.

export const pageLooks = new CSSStyleSheet();
pageLooks.replaceSync(`
nav { display: flex; flex-wrap: wrap; gap: .25rem; max-width: 1280px; margin: 0 auto; padding: .6rem 1.25rem 0; }
:host([narrow]) nav { padding: .5rem .8rem 0; }
nav a { display: flex; align-items: center; min-height: 44px; padding: .3rem .9rem; border-radius: 10px; color: var(--ink); font-weight: 500; text-decoration: none; }
nav a:hover { background: var(--paper); }
nav a[aria-current] { background: var(--accent); color: var(--on-accent); }
:host([narrow]) nav a { padding: .3rem .7rem; }
.stack { display: grid; gap: 1.25rem; align-content: start; min-width: 0; }
:host([narrow]) .stack { gap: .8rem; }
.narrowed { max-width: 52rem; }
.columns.even { grid-template-columns: repeat(2, minmax(0, 1fr)); }
@media (max-width: 1100px) { .columns.even { grid-template-columns: minmax(0, 1fr); } }
.part:focus, .groups:focus { outline: none; }
section.card > h2 { margin-bottom: .5rem; }
.items { display: grid; margin: .5rem 0 0; list-style: none; font-weight: 400; }
.items > li { display: grid; gap: .35rem; overflow-wrap: anywhere; }
.items > .item { padding: .8rem 0; border-top: 1px solid var(--rule); }
.items > .item:first-child { border-top: 0; padding-top: .2rem; }
.items > .item:last-child { padding-bottom: 0; }
.items strong { font-weight: 500; }
.first::first-letter { text-transform: uppercase; }
.items > .concern { gap: .2rem; padding: .7rem .8rem; margin-top: .6rem; border: 1px solid var(--rule); border-left: 5px solid var(--amber); border-radius: 8px; }
.items > .concern:first-child { margin-top: 0; }
.items > .concern.chain { border-left-color: var(--red); }
.items > .concern.rule { border-left-color: var(--blue); }
.concern .chip { margin-right: .2rem; }
.well { color: var(--good); font-weight: 500; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: .3rem 1.2rem; margin: .2rem 0 0; }
.facts dt { color: var(--soft); font-size: .8125rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.card > .chips + .hint { margin-top: .4rem; }
.card > .facts { margin-top: .6rem; }
.groups { display: grid; gap: 1.1rem; margin-top: .8rem; }
.group { display: grid; gap: .5rem; }
.group .buttons button { padding: .4rem .9rem; }
.buttons .main:focus-visible { outline-color: var(--ink); }
.news:empty, .failed:empty, .left:empty { display: none; }
.news { font-weight: 500; }
.card > .news, .card > .failed { margin-top: .7rem; }
.test { display: grid; gap: .2rem; margin-top: .7rem; }
.left { font-size: 1.6rem; font-variant-numeric: tabular-nums; }
.items > .item.open { border-left: 5px solid var(--red); padding-left: .8rem; }
`);
