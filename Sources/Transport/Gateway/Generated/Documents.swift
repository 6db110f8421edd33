// Made by scripts/embed. Change the documents, not this file.

/// What is served out of the binary.
package enum Documents {
    /// The page.
    package static let page = ###"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>rktlet</title>
<style>
:root {
  color-scheme: light dark;
  --back: light-dark(#f4f5f7, #15181d); --card: light-dark(#fff, #1e2229); --text: light-dark(#1b1f24, #e4e7eb);
  --soft: light-dark(#5a6472, #9aa4b2); --line: light-dark(#d8dde3, #343a44); --accent: light-dark(#0b62c4, #6cb0ff);
  --good: light-dark(#12733b, #58c98a); --bad: light-dark(#b3261e, #ff8a80); --wait: light-dark(#8a5a00, #e8b04b);
  --cpu: light-dark(#0b62c4, #6cb0ff); --memory: light-dark(#7a3ea8, #c99bf0);
  font: 14px/1.45 system-ui, sans-serif;
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--back); color: var(--text); }
button, input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 4px 8px; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
header { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 8px 16px; background: var(--card); border-bottom: 1px solid var(--line); }
h1 { font-size: 16px; margin: 0; }
h2 { font-size: 14px; margin: 0 0 8px; }
header .grow { flex: 1; }
#filter { min-width: 8em; flex: 0 1 16em; }
.pill { border-radius: 99px; padding: 1px 10px; border: 1px solid currentColor; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); } .soft { color: var(--soft); }
#trouble { margin: 12px 16px 0; padding: 8px 12px; border: 1px solid var(--bad); border-radius: 8px; background: var(--card); }
#trouble ul { margin: 4px 0 0; padding-left: 20px; }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(16em, 22em); gap: 16px; padding: 16px; align-items: start; }
#pods { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19em), 1fr)); gap: 12px; align-items: start; list-style: none; margin: 0; padding: 0; }
.pod { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--good); border-radius: 8px; padding: 8px 10px; content-visibility: auto; contain-intrinsic-size: auto 110px; }
.pod.notready { border-left-color: var(--bad); }
.pod > button { all: unset; cursor: pointer; display: block; width: 100%; border-radius: 4px; }
.pod > button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.title { display: flex; gap: 8px; align-items: baseline; }
.title b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.title span { white-space: nowrap; } .title .soft { margin-left: auto; }
.line { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.containers { list-style: none; margin: 6px 0 0; padding: 0; }
.containers li { border-top: 1px solid var(--line); padding: 4px 0; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 8px; }
.containers button { all: unset; cursor: pointer; color: var(--accent); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.containers button:focus-visible { outline: 2px solid var(--accent); }
.use { grid-column: 1 / -1; display: grid; grid-template-columns: 1fr 1fr; gap: 8px; font-size: 12px; color: var(--soft); }
.use div { display: flex; align-items: center; gap: 4px; min-width: 0; white-space: nowrap; }
.use svg { width: 56px; height: 16px; flex: none; } .use path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.use .cpu path { stroke: var(--cpu); } .use .memory path { stroke: var(--memory); }
aside { display: grid; gap: 16px; }
aside section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
#images, #events { list-style: none; margin: 0; padding: 0; max-height: 40vh; overflow: auto; font-size: 13px; }
#images li, #events li { padding: 3px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
dialog { border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: inherit; width: min(60em, calc(100vw - 24px)); max-height: calc(100vh - 24px); padding: 12px 16px; }
dialog::backdrop { background: #0008; }
dialog .bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 8px; } dialog .bar h2 { margin: 0; flex: 1; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 12px; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: 13px; }
#key { width: min(30em, calc(100vw - 24px)); } #key form { display: grid; gap: 10px; } #key h2, #key p { margin: 0; } #key code { overflow-wrap: anywhere; }
#token { width: 100%; font-family: ui-monospace, monospace; } #key button { justify-self: end; }
#calls { width: min(90em, calc(100vw - 24px)); } #calls div.rows { height: min(70vh, 50em); overflow: auto; }
#calls table { width: 100%; border-collapse: collapse; font-size: 13px; } #calls th { position: sticky; top: 0; background: var(--card); text-align: left; }
#calls th, #calls td { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; } #calls .whole { white-space: nowrap; }
#story { margin-top: 10px; } #story div.rows { max-height: min(50vh, 40em); overflow: auto; } #story table { width: 100%; border-collapse: collapse; font-size: 13px; }
#story td { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; } #story .whole { white-space: nowrap; }
#shell { width: calc(100vw - 24px); } #screen { height: min(75vh, 60em); background: #000; border-radius: 6px; padding: 6px; overflow: hidden; }
#text { margin: 0; height: min(60vh, 40em); overflow: auto; background: var(--back); border-radius: 6px; padding: 8px; font: 12.5px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 50em) { main { grid-template-columns: minmax(0, 1fr); padding: 10px; gap: 10px; } header { padding: 8px 10px; } dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 6px; } }
@media (prefers-reduced-motion: no-preference) { .pod { transition: border-color .3s; } }
</style>
</head>
<body>
<header>
  <h1>rktlet</h1>
  <span id="link" class="pill wait" role="status">connecting</span>
  <span id="counts" class="soft"></span>
  <span class="grow"></span>
  <button id="show-calls" type="button">Calls</button>
  <label class="soft" for="filter">Filter</label>
  <input id="filter" type="search" placeholder="name, namespace, image, id" aria-keyshortcuts="/">
  <select id="state" aria-label="State"><option value="">all pods</option><option value="SANDBOX_READY">ready</option><option value="SANDBOX_NOTREADY">not ready</option></select>
</header>
<div id="trouble" role="alert" hidden></div>
<main>
  <section aria-labelledby="pods-title"><h2 id="pods-title">Pods</h2><p id="empty" class="soft" hidden>No pod matches.</p><ul id="pods"></ul></section>
  <aside>
    <section aria-labelledby="images-title"><h2 id="images-title">Images</h2><ul id="images" tabindex="0" aria-label="Images"></ul></section>
    <section aria-labelledby="events-title"><h2 id="events-title">Events</h2><ul id="events" tabindex="0" aria-label="Events, the newest first" aria-live="off"></ul></section>
    <section class="soft">Keys: arrows move between pods, Enter opens one, <kbd>/</kbd> filters, Escape closes.</section>
  </aside>
</main>
<dialog id="pod" aria-labelledby="pod-name"><div class="bar"><h2 id="pod-name"></h2><button id="pod-story" type="button" aria-controls="story" aria-expanded="false">Story</button><button data-close>Close</button></div><dl id="facts"></dl><div id="story" hidden><p id="story-summary" role="status"></p><div class="rows" tabindex="0" aria-label="Story, the oldest first"><table><tbody id="story-rows"></tbody></table></div></div></dialog>
<dialog id="log" aria-labelledby="log-name"><div class="bar"><h2 id="log-name"></h2><label><input type="checkbox" id="stick" checked> keep at the end</label><label><input type="checkbox" id="times"> times</label><span id="log-state" class="soft" role="status"></span><button id="log-shell" type="button">Terminal</button><button data-close>Close</button></div><pre id="text" tabindex="0" aria-label="Log"></pre></dialog>
<dialog id="calls" aria-labelledby="calls-name"><div class="bar"><h2 id="calls-name">Calls, the newest first</h2><label><input type="checkbox" id="calls-failed"> failed</label><label><input type="checkbox" id="calls-slow"> 1 s and longer</label><label><input type="checkbox" id="calls-all"> lists, probes and the like too</label><span id="calls-state" class="soft" role="status"></span><button data-close>Close</button></div>
<div class="rows" tabindex="0" aria-label="Calls"><table><thead><tr><th>Time</th><th>Method</th><th>Object</th><th>Took</th><th>Code</th><th>Steps</th><th>Error</th></tr></thead><tbody id="calls-rows"></tbody></table></div></dialog>
<dialog id="shell" aria-labelledby="shell-name"><form class="bar" id="shell-form"><h2 id="shell-name"></h2><label class="soft" for="shell-command">Command</label><input id="shell-command" value="sh" autocomplete="off" autocapitalize="off" spellcheck="false"><button>Run</button><span id="shell-state" class="soft" role="status"></span><button type="button" data-close>Close</button></form><div id="screen"></div></dialog>
<dialog id="key" aria-labelledby="key-name"><form id="key-form"><h2 id="key-name">This gateway asks for its token</h2>
<p class="soft">It is in the file that <code>gatewayTokenFile</code> names, <code>/var/lib/rktlet/gateway.token</code> unless configured otherwise; root can read it. This tab keeps it until it is closed.</p>
<label for="token">Token</label><input id="token" type="password" autocomplete="off" autocapitalize="off" spellcheck="false" required aria-describedby="key-state"><p id="key-state" class="bad" role="alert"></p><button>Use it</button></form></dialog>
<script>
"use strict";
const $ = id => document.getElementById(id);
const pods = new Map(), containers = new Map(), use = new Map(), tiles = new Map();
const KEPT_EVENTS = 200, KEPT_CALLS = 500, POINTS = 30, STEP = 9500, LONGEST_LOG = 400000, LONGEST_READING = 10000, LONGEST_SILENCE = 40000, RETRY = 2000;
// Of each reading that got an error for an answer, what the error says.
const failures = new Map();
let ready = {ready: true, reasons: []}, goneSince = null;

// Small things

const make = (tag, name, text) => { const e = document.createElement(tag); if (name) e.className = name; if (text !== undefined) e.textContent = text; return e; };
const write = (e, text) => { if (e.textContent !== text) e.textContent = text; };
const replace = (e, ...nodes) => { if (nodes.length !== e.childNodes.length || nodes.some((n, i) => !n.isEqualNode(e.childNodes[i]))) e.replaceChildren(...nodes); };
const parse = text => { try { return JSON.parse(text); } catch { return {}; } };
const bytes = n => { const units = ["B", "KiB", "MiB", "GiB", "TiB"]; let i = 0; n = Number(n); while (n >= 1024 && i < 4) { n /= 1024; i++; } return n.toFixed(n < 10 && i ? 1 : 0) + " " + units[i]; };
const age = ns => { let s = Math.max(0, Math.floor(Date.now() / 1000 - Number(ns) / 1e9)); for (const [unit, size] of [["d", 86400], ["h", 3600], ["m", 60]]) if (s >= size) return Math.floor(s / size) + unit; return s + "s"; };
const clock = ms => new Date(ms).toLocaleTimeString();
const info = thing => parse(thing.info?.info);
const many = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const word = state => state.replace(/^(CONTAINER|SANDBOX)_/, "").toLowerCase().replace("notready", "not ready");

// What there is

// Nobody answers, or not in time.
class Silence extends Error {}
// The daemon wants a token, or another one.
class Locked extends Error {}

// Kept for this tab, and sent in a header: what stands in an address is remembered and logged.
let token = sessionStorage.getItem("token") || "";
// Only what a header can carry, so that nobody's typing makes every request fail.
const sendable = text => /^[!-~]{1,4000}$/.test(text);
const ask = (path, signal, more) => fetch(path, {signal, cache: "no-store", headers: {...(token && {Authorization: "Bearer " + token}), ...more}});

async function get(path) {
  let answer, text;
  try { answer = await ask(path, AbortSignal.timeout(LONGEST_READING)); text = await answer.text(); } catch { throw new Silence(path); }
  if (answer.status === 401) throw new Locked(path);
  const value = parse(text);
  // Of a node that is not ready, 503 is the answer.
  if (answer.ok || (path === "/readyz" && answer.status === 503 && value.ready === false)) return value;
  throw new Error(`${path.split("?")[0]}: ${value.detail || value.title || "status " + answer.status}`);
}

async function readPods() {
  const [p, c] = await Promise.all([get("/v1/pods?verbose=true"), get("/v1/containers?verbose=true")]);
  pods.clear(); for (const pod of p.items) pods.set(pod.status.id, {...pod.status, info: info(pod), containers: []});
  containers.clear();
  for (const one of c.containers) {
    const it = {...one.status, pod: one.podSandboxId, info: info(one)};
    containers.set(it.id, it);
    pods.get(it.pod)?.containers.push(it);
  }
  for (const pod of pods.values()) pod.containers.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name) || a.metadata.attempt - b.metadata.attempt);
  for (const id of use.keys()) if (!containers.has(id)) use.delete(id);
  show();
}

async function readReadiness() { ready = await get("/readyz"); }

async function readImages() { showImages((await get("/v1/images")).images); }

let remembers = false;
async function readStats() {
  if (!remembers) {
    for (const one of (await get("/v1/stats/history")).series) for (const p of one.points.slice(-POINTS)) put(one.id, p.timestamp, p.usageNanoCores, p.workingSetBytes);
    remembers = true;
  }
  for (const stat of (await get("/v1/stats")).stats) {
    put(stat.attributes.id, (stat.cpu || stat.memory)?.timestamp, stat.cpu?.usageNanoCores?.value, stat.memory?.workingSetBytes.value);
  }
  show();
}

// A point each STEP, as the daemon keeps them, and behind those what was read last.
function put(id, timestamp, cpu, memory) {
  const at = timestamp ? Number(timestamp) / 1e6 : Date.now(), series = use.get(id) || {at: 0, cpu: [], memory: [], kept: {cpu: 0, memory: 0}};
  use.set(id, series);
  const stays = at - series.at >= STEP;
  if (stays) series.at = at;
  for (const [kind, value] of [["cpu", cpu && Number(cpu) / 1e6], ["memory", memory && Number(memory)]]) {
    const list = series[kind];
    if (value === undefined) continue;
    list.length = series.kept[kind]; list.push(value);
    if (stays) series.kept[kind] = list.length;
    if (list.length > POINTS) { list.shift(); series.kept[kind] = Math.max(0, series.kept[kind] - 1); }
  }
}

// Makes readings, none of which keeps another from being shown, and tells what they say of the daemon. Gives back whether all went well.
async function take(...readings) {
  const errors = await Promise.all(readings.map(reading => reading().then(() => { failures.delete(reading); }, error => {
    if (!(error instanceof Silence) && !(error instanceof Locked)) failures.set(reading, error.message);
    return error;
  })));
  if (errors.some(e => e instanceof Locked)) lock(); else if (errors.some(e => e instanceof Silence)) gone(); else here();
  return !errors.some(Boolean);
}

let wanted = false, loading = false, timer = null, again = null;
// A burst of events is one reading, and readings do not overlap.
function reload() {
  wanted = true;
  if (loading || timer || locked) return;
  timer = setTimeout(async () => {
    timer = null; wanted = false; loading = true;
    if (!await take(readPods, readReadiness, readImages)) retry();
    loading = false;
    if (wanted) reload();
  }, 120);
}
function retry() { clearTimeout(again); if (locked) return; again = setTimeout(reload, RETRY); }

// Readings of what no event tells, while somebody looks and the daemon answers. One that takes long is not overtaken.
function regularly(...readings) {
  let busy = false;
  return async () => {
    if (busy || goneSince || locked || document.hidden) return;
    busy = true; await take(...readings); busy = false;
  };
}
const measure = regularly(readStats), look = regularly(readReadiness, readImages);

// The tiles; what is not ready comes first

function matches(pod) {
  const state = $("state").value, text = $("filter").value.trim().toLowerCase();
  if (state && pod.state !== state) return false;
  if (!text) return true;
  return [pod.metadata.name, pod.metadata.namespace, pod.id, pod.network.ip, ...pod.containers.flatMap(c => [c.metadata.name, c.image.image, c.id, word(c.state)])].some(s => s.toLowerCase().includes(text));
}

function newTile(id) {
  const root = make("li", "pod"), open = make("button"), title = make("div", "title"), list = make("ul", "containers");
  const tile = {root, open, name: make("b"), state: make("span"), age: make("span", "soft"), place: make("div", "line soft"), why: make("div", "bad"), list, rows: new Map()};
  title.append(tile.name, tile.state, tile.age); open.append(title, tile.place, tile.why); open.type = "button";
  open.addEventListener("click", () => openPod(id));
  root.append(open, list);
  return tile;
}

function newRow(id) {
  const root = make("li"), open = make("button"), row = {root, open, state: make("span"), cpu: spark("cpu", "CPU"), memory: spark("memory", "Memory")};
  open.type = "button"; open.addEventListener("click", () => openLog(id));
  const both = make("div", "use"); both.append(row.cpu.root, row.memory.root); row.use = both;
  root.append(open, row.state, both);
  return row;
}

function spark(kind, label) {
  const root = make("div", kind), svg = document.createElementNS("http:/" + "/www.w3.org/2000/svg", "svg"), path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 60 16"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("aria-hidden", "true"); svg.append(path);
  const text = make("span"); root.append(svg, text); root.title = label;
  return {root, path, text};
}

function draw(s, values, text) {
  const top = Math.max(...values, 1e-9) * 1.1, step = 60 / (POINTS - 1), start = POINTS - values.length;
  s.path.setAttribute("d", values.map((v, i) => (i ? "L" : "M") + ((start + i) * step).toFixed(1) + " " + (15 - v / top * 14).toFixed(1)).join(""));
  write(s.text, text);
}

// Makes these the children of the list. An element that is moved loses the focus: the one that has it stays, and the others go around it.
function arrange(list, items) {
  const wanted = new Set(items), still = items.find(e => e.contains(document.activeElement));
  for (const e of [...list.children]) if (!wanted.has(e)) e.remove();
  items.reduceRight((next, e) => {
    if (e !== still && (e.parentNode !== list || e.nextSibling !== next)) list.insertBefore(e, next);
    return e;
  }, null);
}

function show() {
  const shown = [...pods.values()].filter(matches).sort((a, b) => (a.state === b.state ? Number(BigInt(b.createdAt) - BigInt(a.createdAt)) : a.state < b.state ? -1 : 1));
  arrange($("pods"), shown.map(pod => {
    let tile = tiles.get(pod.id);
    if (!tile) tiles.set(pod.id, tile = newTile(pod.id));
    fill(tile, pod);
    return tile.root;
  }));
  for (const id of tiles.keys()) if (!pods.has(id)) tiles.delete(id);
  $("empty").hidden = locked || shown.length > 0;
  const running = [...containers.values()].filter(c => c.state === "CONTAINER_RUNNING").length, good = [...pods.values()].filter(p => p.state === "SANDBOX_READY").length;
  // Nothing is known then, or not any more: no pod is not what that is.
  if (locked) write($("counts"), "locked: the token is needed to see anything"); else write($("counts"), `${many(pods.size, "pod")}, ${good} ready · ${many(containers.size, "container")}, ${running} running`);
  showTrouble();
}

function why(pod) {
  if (pod.state === "SANDBOX_READY") return "";
  return pod.info.message || (pod.info.networkAttached ? "stopped, its network is still attached: stop it again" : "stopped");
}

function ending(c) {
  return c.state === "CONTAINER_EXITED" ? `${c.reason ? c.reason + ", " : ""}exit code ${c.exitCode}${c.message ? ": " + c.message : ""}` : "";
}

function fill(tile, pod) {
  const good = pod.state === "SANDBOX_READY";
  tile.root.classList.toggle("notready", !good);
  write(tile.name, pod.metadata.name); write(tile.state, word(pod.state)); tile.state.className = good ? "good" : "bad"; write(tile.age, age(pod.createdAt));
  const attempt = pod.metadata.attempt ? ` · attempt ${pod.metadata.attempt}` : "";
  write(tile.place, `${pod.metadata.namespace} · ${pod.network.ip || "no address"}${attempt} · ${pod.id.slice(0, 12)}`);
  write(tile.why, why(pod)); tile.why.hidden = good;
  arrange(tile.list, pod.containers.map(c => {
    let row = tile.rows.get(c.id);
    if (!row) tile.rows.set(c.id, row = newRow(c.id));
    const runs = c.state === "CONTAINER_RUNNING", exit = c.state === "CONTAINER_EXITED" ? ` ${c.exitCode}${c.reason ? " " + c.reason : ""}` : "";
    write(row.open, c.metadata.name + (c.metadata.attempt ? ` ↻${c.metadata.attempt}` : ""));
    row.root.title = row.open.title = `Log of ${c.metadata.name}, ${c.image.image}, restarted ${many(c.metadata.attempt, "time")}${ending(c) && `\n${ending(c)}`}`;
    write(row.state, `${word(c.state)}${exit} · ${age(runs ? c.startedAt : c.createdAt)}`);
    row.state.className = runs ? "good" : c.state === "CONTAINER_EXITED" && c.exitCode ? "bad" : "soft";
    const series = use.get(c.id); row.use.hidden = !runs || !series;
    if (series && runs) {
      draw(row.cpu, series.cpu, series.cpu.length ? `${series.cpu.at(-1).toFixed(series.cpu.at(-1) < 10 ? 1 : 0)} m` : "…");
      draw(row.memory, series.memory, series.memory.length ? bytes(series.memory.at(-1)) : "…");
    }
    return row.root;
  }));
  for (const id of tile.rows.keys()) if (!containers.has(id)) tile.rows.delete(id);
}

function showTrouble() {
  const box = $("trouble"), parts = [];
  const tell = (text, reasons) => { const list = make("ul"); list.append(...reasons.map(r => make("li", "", r))); parts.push(make("div", "", text), list); };
  if (goneSince) parts.push(make("div", "", `The daemon does not answer since ${clock(goneSince)}. What is shown is from before; trying again. The pods go on without it.`));
  else {
    if (!ready.ready) tell("This node cannot run pods now:", ready.reasons.map(r => `${r.type}: ${r.reason}: ${r.message}`));
    if (failures.size) tell("The daemon answers with an error. What is shown may be from before; trying again.", [...failures.values()]);
  }
  box.hidden = !parts.length;
  replace(box, ...parts);
}

function showImages(images) {
  const named = i => i.repoTags[0] || i.repoDigests[0] || i.id;
  replace($("images"), ...images.sort((a, b) => Number(b.size) - Number(a.size)).map(i => {
    const item = make("li", "", named(i) + " "); item.append(make("span", "soft", bytes(i.size))); item.title = i.id; return item;
  }));
  write($("images-title"), `Images (${images.length}, ${bytes(images.reduce((n, i) => n + Number(i.size), 0))})`);
}

// A pod

function openPod(id) {
  const pod = pods.get(id); if (!pod) return;
  write($("pod-name"), `${pod.metadata.namespace}/${pod.metadata.name}`);
  const facts = [
    ["State", word(pod.state) + (why(pod) ? `: ${why(pod)}` : "")], ["Id", pod.id], ["Made", new Date(Number(pod.createdAt) / 1e6).toLocaleString()],
    ["Addresses", [pod.network.ip, ...pod.network.additionalIps.map(a => a.ip)].filter(Boolean).join(", ") || "none"],
    ["Network", `${pod.linux.namespaces.options.network === "NODE" ? "the host's" : pod.info.networkNamespace || "its own"}${pod.info.networkAttached ? ", attached" : ", not attached"}`],
    ["systemd unit", pod.info.unit], ["Control group", pod.info.cgroup || "unknown"], ["Supervisor", pod.info.pid ? "process " + pod.info.pid : "none"],
    ["Namespaces", `pid ${pod.linux.namespaces.options.pid}, ipc ${pod.linux.namespaces.options.ipc}`], ["Logs", pod.info.logDirectory || "none"],
    ["Labels", Object.entries(pod.labels).map(([k, v]) => `${k}=${v}`).join(", ") || "none"],
    ...pod.containers.map(c => ["Container " + c.metadata.name, `${word(c.state)}${ending(c) && ` (${ending(c)})`}, ${c.image.image}, ${c.id.slice(0, 12)}, process ${c.info.pid || "none"}, ${c.info.cgroup || "no control group"}`]),
    ["By hand", `systemctl status ${pod.info.unit}`],
  ];
  $("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
  openStory(null);
  $("pod-story").onclick = () => openStory($("story").hidden ? id : null);
  $("pod").showModal();
}

// Its story

const moment = at => at.toLocaleTimeString([], {hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3});
// Null: away with it.
async function openStory(id) {
  $("story").hidden = !id; $("pod-story").setAttribute("aria-expanded", String(!!id));
  if (!id) return;
  $("story-rows").replaceChildren(); write($("story-summary"), "reading");
  try {
    const story = await get(`/v1/pods/${id}/story`);
    write($("story-summary"), story.summary + (story.gap && `; only the engine's record is told: ${story.gap}`) + (story.cut ? "; there was more before this" : ""));
    $("story-rows").replaceChildren(...story.entries.map(entry => {
      const at = new Date(Number(entry.at) / 1e6), row = make("tr"), time = make("td", "whole", moment(at)); time.title = at.toLocaleString();
      row.append(time, make("td", "whole soft", entry.source), make("td", entry.problem ? "bad" : "", entry.text));
      return row;
    }));
  } catch (error) { if (error instanceof Locked) lock(); else write($("story-summary"), error.message); }
}

// A log

let reading = null;
// `again`: it is open, and broke off.
async function openLog(id, again) {
  const c = containers.get(id), text = $("text"), state = $("log-state");
  if (!c) { if (again) write(state, "broken off"); return; }
  $("log").dataset.current = id;
  write($("log-name"), `${c.metadata.name} of ${pods.get(c.pod)?.metadata.name || c.pod.slice(0, 12)}`);
  if (!$("log").open) $("log").showModal();
  reading?.abort();
  const abort = reading = new AbortController();
  const breakOff = why => { write(state, why); setTimeout(() => { if (!abort.signal.aborted) openLog(id, true); }, RETRY); };
  if (!again) { text.textContent = ""; write(state, "following"); }
  try {
    const answer = await ask(`/v1/containers/${id}/logs?follow=true&tail=500${$("times").checked ? "&timestamps=true" : ""}`, abort.signal);
    if (answer.status === 401) { $("log").close(); lock(); return; }
    if (!answer.ok) {
      const why = (await answer.json()).detail;
      if (again && answer.status >= 500) breakOff(why); else write(state, why);
      return;
    }
    text.textContent = ""; write(state, "following");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part; !(part = await reader.read()).done;) {
      text.append(part.value);
      while (text.textContent.length > LONGEST_LOG && text.childNodes.length > 1) text.firstChild.remove();
      if ($("stick").checked) text.scrollTop = text.scrollHeight;
    }
    write(state, "ended");
  } catch { if (!abort.signal.aborted) breakOff("broken off, trying again"); }
}
$("times").addEventListener("change", () => { const id = $("log").dataset.current; if (id) openLog(id); });
$("log").addEventListener("close", () => reading?.abort());

// A terminal: Debian's xterm.js, whose modules are asked for one by one and joined here, and a session of the gateway's

let xterm = null, session = null;
const beside = (name, other) => new URL(other + ".js", "x:/" + name).pathname.slice(1);
async function piece(name) {
  const answer = await ask("/xterm/" + encodeURIComponent(name), AbortSignal.timeout(LONGEST_READING)), text = await answer.text();
  if (answer.status === 401) throw new Locked(name);
  if (!answer.ok) throw new Error(parse(text).detail || "status " + answer.status);
  return text;
}
async function loadXterm() {
  if (xterm) return;
  const texts = new Map(), modules = new Map();
  const fetchAll = async name => {
    if (texts.has(name)) return;
    texts.set(name, "");
    texts.set(name, await piece(name));
    await Promise.all([...texts.get(name).matchAll(/require\("(\.[^"]+)"\)/g)].map(found => fetchAll(beside(name, found[1]))));
  };
  const [css] = await Promise.all([piece("xterm.css"), fetchAll("public/Terminal.js")]);
  document.head.append(make("style", "", css), make("script", "", "var xtermModules = {" + [...texts].map(([name, text]) => JSON.stringify(name) + ": function (require, module, exports) {" + text + "\n}").join(",\n") + "};"));
  const load = name => {
    if (!modules.has(name)) {
      const module = {exports: {}};
      modules.set(name, module);
      window.xtermModules[name].call(window, other => load(beside(name, other)), module, module.exports);
    }
    return modules.get(name).exports;
  };
  xterm = load("public/Terminal.js").Terminal;
}
async function openShell(id) {
  const c = containers.get(id), state = $("shell-state"); if (!c) return;
  session?.end();
  $("shell").dataset.current = id;
  write($("shell-name"), `${c.metadata.name} of ${pods.get(c.pod)?.metadata.name || c.pod.slice(0, 12)}`);
  if (!$("shell").open) $("shell").showModal();
  write(state, "connecting");
  const mine = session = {end() { this.socket?.close(); this.watch?.disconnect(); this.terminal?.destroy(); $("screen").replaceChildren(); if (session === this) session = null; }};
  try {
    await loadXterm();
    const cmd = $("shell-command").value.trim().split(/\s+/);
    const answer = await fetch(`/v1/containers/${id}/sessions/exec`, {
      method: "POST", signal: AbortSignal.timeout(LONGEST_READING), headers: {"Content-Type": "application/json", ...(token && {Authorization: "Bearer " + token})},
      body: JSON.stringify({cmd, stdin: true, stdout: true, tty: true})});
    if (answer.status === 401) throw new Locked(id);
    const granted = parse(await answer.text());
    if (!answer.ok) throw new Error(granted.detail || "status " + answer.status);
    if (session === mine) talk(mine, granted.ticket);
  } catch (error) {
    if (error instanceof Locked) { $("shell").close(); lock(); } else if (session === mine) write(state, error.message);
  }
}
function talk(mine, ticket) {
  const terminal = mine.terminal = new xterm({rendererType: "dom", fontSize: 14, scrollback: 5000, cursorBlink: true}), screen = $("screen"), state = $("shell-state");
  terminal.open(screen); terminal.focus();
  const fit = () => {
    const cell = terminal._core.renderer.dimensions, width = cell.actualCellWidth, height = cell.actualCellHeight;
    if (width && height) terminal.resize(Math.max(20, Math.floor((screen.clientWidth - 30) / width)), Math.max(5, Math.floor((screen.clientHeight - 12) / height)));
  };
  fit();
  const socket = mine.socket = new WebSocket((location.protocol === "https:" ? "wss:/" : "ws:/") + `/${location.host}/v1/sessions`, ["v5.channel.k8s.io", ticket]);
  const encoder = new TextEncoder(), decoder = new TextDecoder();
  socket.binaryType = "arraybuffer";
  const send = (channel, text) => { if (socket.readyState === WebSocket.OPEN) { const content = encoder.encode(text), message = new Uint8Array(content.length + 1); message[0] = channel; message.set(content, 1); socket.send(message); } };
  const tellSize = () => send(4, JSON.stringify({Width: terminal.cols, Height: terminal.rows}));
  let ended = "broken off";
  socket.onopen = () => { write(state, "connected"); tellSize(); };
  socket.onmessage = event => {
    const message = new Uint8Array(event.data), content = message.subarray(1);
    if (message[0] === 1) terminal.write(decoder.decode(content, {stream: true}));
    if (message[0] === 3) {
      const status = parse(new TextDecoder().decode(content)), cause = status.details?.causes?.[0];
      ended = status.status === "Success" ? "ended" : cause?.reason === "ExitCode" ? "ended with exit code " + cause.message : cause?.message || status.message;
    }
  };
  socket.onclose = () => { if (session === mine) write(state, ended); };
  terminal.on("data", text => send(0, text)); terminal.on("resize", tellSize);
  (mine.watch = new ResizeObserver(fit)).observe(screen);
}
$("log-shell").addEventListener("click", () => { const id = $("log").dataset.current; $("log").close(); openShell(id); });
$("shell-form").addEventListener("submit", e => { e.preventDefault(); openShell($("shell").dataset.current); });
$("shell").addEventListener("close", () => session?.end());
// It is the command's key there.
$("shell").addEventListener("cancel", e => e.preventDefault());
$("shell").addEventListener("keydown", e => { if (e.key === "Escape") e.preventDefault(); }, true);

// What was asked, and what was answered

const span = ns => { const ms = Number(ns) / 1e6; return ms < 1 ? Math.floor(ms * 1000) + " µs" : ms < 1000 ? ms.toFixed(ms < 10 ? 1 : 0) + " ms" : (ms / 1000).toFixed(1) + " s"; };
let calling = null;
async function followCalls() {
  calling?.abort();
  const abort = calling = new AbortController(), state = $("calls-state");
  const wanted = [["failed", "failed=true"], ["slow", "slow=1s"], ["all", "all=true"]].filter(([id]) => $("calls-" + id).checked).map(([, query]) => query);
  $("calls-rows").replaceChildren(); write(state, "following");
  let why = "broken off, trying again";
  try {
    const answer = await ask("/v1/calls/events?" + [...wanted, "tail=" + KEPT_CALLS].join("&"), abort.signal, {Accept: "text/event-stream"});
    if (answer.status === 401) { $("calls").close(); lock(); return; }
    if (answer.ok) {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let part; !(part = await reader.read()).done;) {
        const frames = (text + part.value).split("\n\n");
        text = frames.pop();
        for (const fields of frames.map(parts)) {
          if (fields.event === "call") showCall(parse(fields.data));
          if (fields.event === "gap") showCall(null);
        }
      }
    } else why = parse(await answer.text()).detail || why;
  } catch {}
  if (abort.signal.aborted) return;
  write(state, why);
  setTimeout(() => { if (calling === abort && $("calls").open) followCalls(); }, RETRY);
}
function showCall(call) {
  const rows = $("calls-rows"), row = make("tr");
  if (!call) { const cell = make("td", "wait", "Calls are missing here: more came than are kept."); cell.colSpan = 7; row.append(cell); }
  else {
    const at = new Date(Number(call.startedAt) / 1e6), id = /^[0-9a-f]{64}$/.test(call.object) ? call.object.slice(0, 12) : call.object;
    const object = make("td", "", [call.name, id].filter(Boolean).join(" ")); object.title = call.object;
    const time = make("td", "whole", moment(at)); time.title = at.toLocaleString();
    row.append(time, make("td", "whole", call.method), object, make("td", "whole" + (Number(call.durationNanos) >= 1e9 ? " wait" : ""), span(call.durationNanos)), make("td", "whole " + (call.failed ? "bad" : "good"), call.code),
      make("td", "soft", call.steps.map(s => `${s.name} ${span(s.durationNanos)}${s.code === "ok" ? "" : " " + s.code}`).join(", ")), make("td", call.error ? "bad" : "", call.error));
  }
  rows.prepend(row);
  while (rows.children.length > KEPT_CALLS) rows.lastChild.remove();
}
$("show-calls").addEventListener("click", () => { $("calls").showModal(); followCalls(); });
$("calls").addEventListener("close", () => calling?.abort());
for (const id of ["failed", "slow", "all"]) $("calls-" + id).addEventListener("change", followCalls);

// Whether the daemon is there

function here() { goneSince = null; showLink(...(failures.size ? ["errors", "wait"] : ["live", "good"])); }
function gone() { goneSince ||= Date.now(); showLink("daemon gone", "bad"); retry(); }
function showLink(text, kind) { write($("link"), text); $("link").className = "pill " + kind; showTrouble(); }

// The token

let locked = false;
// Nothing is asked any more until there is a token that is right.
function lock() {
  if (locked) return;
  locked = true; clearTimeout(again); stream?.abort(); reading?.abort(); calling?.abort();
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  write($("key-state"), token ? "The token is not right, or not any more." : "");
  token = ""; sessionStorage.removeItem("token"); $("token").value = "";
  goneSince = null; showLink("locked", "wait"); show(); $("key").showModal();
}
async function unlock() {
  const given = $("token").value.trim();
  if (!sendable(given)) { write($("key-state"), "That cannot be a token: it has letters, digits and signs, and no blanks."); return; }
  token = given; write($("key-state"), "");
  try { await get("/v1/version"); } catch (error) {
    // A daemon that does not answer has not said that it is wrong; nor has it said that it is right.
    token = ""; write($("key-state"), error instanceof Locked ? "That is not the token." : error instanceof Silence ? "The daemon does not answer; try again." : error.message);
    $("token").select(); return;
  }
  sessionStorage.setItem("token", token); $("token").value = "";
  locked = false; $("key").close(); showLink("connecting", "wait"); start();
}
$("key-form").addEventListener("submit", e => { e.preventDefault(); unlock(); });
// Without it there is nothing to see: the prompt stays.
$("key").addEventListener("cancel", e => e.preventDefault());
$("key").addEventListener("close", () => { if (locked) $("key").showModal(); });

// Events: server-sent, read by hand, since an EventSource can send no header

let stream = null, lastEvent = "";
async function listen() {
  stream?.abort();
  const abort = stream = new AbortController();
  // The daemon says something every 15 seconds: a stream on which nothing comes is dead, though nobody was told.
  let silence;
  const heard = () => { clearTimeout(silence); silence = setTimeout(() => { if (!abort.signal.aborted) listen(); }, LONGEST_SILENCE); };
  try {
    heard();
    const answer = await ask("/v1/events", abort.signal, {Accept: "text/event-stream", ...(lastEvent && {"Last-Event-ID": lastEvent})});
    if (answer.status === 401) return lock();
    if (answer.ok) {
      reload();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let part; !(part = await reader.read()).done;) {
        heard();
        const frames = (text + part.value).split("\n\n");
        text = frames.pop();
        for (const frame of frames) hear(frame);
      }
    }
  } catch {}
  clearTimeout(silence);
  // A reading says whether the daemon is gone.
  if (!abort.signal.aborted) { reload(); setTimeout(() => { if (stream === abort) listen(); }, 1000); }
}
function parts(frame) {
  const fields = {};
  for (const line of frame.split("\n")) { const at = line.indexOf(":"); if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart(); }
  return fields;
}
function hear(frame) {
  const fields = parts(frame);
  if (fields.id) lastEvent = fields.id;
  if (fields.event === "gap") reload();
  const kind = /^CONTAINER_(CREATED|STARTED|STOPPED|DELETED)_EVENT$/.exec(fields.event)?.[1];
  if (kind) showEvent(kind, parse(fields.data));
}
function showEvent(kind, event) {
  const list = $("events"), one = event.containersStatuses.find(c => c.id === event.containerId);
  const name = one ? `container ${one.metadata.name}` : event.podSandboxStatus?.id === event.containerId ? "pod" : "container " + event.containerId.slice(0, 12);
  const item = make("li", "", `${clock(Number(event.createdAt) / 1e6)} ${name} ${kind.toLowerCase()} `);
  item.append(make("span", "soft", event.podSandboxStatus ? `${event.podSandboxStatus.metadata.namespace}/${event.podSandboxStatus.metadata.name}` : ""));
  list.prepend(item);
  while (list.children.length > KEPT_EVENTS) list.lastChild.remove();
  reload();
}

// Keys

document.addEventListener("keydown", e => {
  if (e.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName) && !document.querySelector("dialog[open]")) { e.preventDefault(); $("filter").focus(); return; }
  if (e.key === "Escape" && document.activeElement === $("filter")) { $("filter").value = ""; show(); $("filter").blur(); return; }
  const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up"}[e.key];
  if (!step || document.querySelector("dialog[open]") || /INPUT|SELECT/.test(document.activeElement.tagName)) return;
  const all = [...document.querySelectorAll(".pod > button")], at = all.indexOf(document.activeElement.closest(".pod")?.querySelector(":scope > button"));
  if (!all.length || (at < 0 && !document.activeElement.matches("body"))) return;
  const columns = getComputedStyle($("pods")).gridTemplateColumns.split(" ").length;
  const next = at < 0 ? 0 : at + (step === "down" ? columns : step === "up" ? -columns : step);
  if (all[next]) { e.preventDefault(); all[next].focus(); all[next].scrollIntoView({block: "nearest"}); }
});
for (const b of document.querySelectorAll("[data-close]")) b.addEventListener("click", () => b.closest("dialog").close());
$("filter").addEventListener("input", show); $("state").addEventListener("change", show);

document.addEventListener("visibilitychange", () => { if (!document.hidden) reload(); });

// One question first: where a token is wanted, one refusal says so, and not five.
async function start() {
  try { await get("/v1/version"); } catch (error) { if (error instanceof Locked) return lock(); }
  reload(); listen(); measure();
}
start(); setInterval(measure, 2000); setInterval(look, 10000); setInterval(() => { if (!document.hidden) show(); }, 5000);
</script>
</body>
</html>

"""###

    /// The description of the API, OpenAPI 3.1.
    package static let openAPI = ###"""
# The API of the gateway. It is part of the binary: scripts/embed puts it there.
openapi: 3.1.0
info:
  title: rktlet gateway
  version: 0.1.0
  summary: A node's pods, for people.
  license:
    name: Apache-2.0
    identifier: Apache-2.0
  description: |
    The use-cases of the Container Runtime Interface as a JSON API. Names are those of the CRI's JSON mapping; requests are also taken with the names of the proto (`log_directory`) and as YAML. 64-bit numbers are strings, what a command printed is base64, null is the same as absent, unknown fields and unknown query parameters are refused. Where there is GET, there is HEAD.
servers:
- url: http://localhost
  description: curl --unix-socket /run/rktlet/gateway.sock http://localhost/v1/pods
- url: http://127.0.0.1:{port}
  description: With --gateway tcp://127.0.0.1:PORT.
  variables:
    port:
      default: '8282'
tags:
- name: runtime
  description: The runtime itself
- name: pods
  description: Pod sandboxes
- name: containers
  description: Containers, their commands and logs
- name: images
  description: Images
- name: stats
  description: Resource use
- name: events
  description: What happens
- name: calls
  description: The flight recorder
- name: health
  description: Health and metrics
- name: documents
  description: The page and this document
paths:
  /v1/version:
    get:
      tags:
      - runtime
      operationId: version
      summary: Who answers
      responses:
        '200':
          description: The version.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Version'
              example:
                version: 0.1.0
                runtimeName: rktlet
                runtimeVersion: 0.1.0
                runtimeApiVersion: v1
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/status:
    get:
      tags:
      - runtime
      operationId: status
      summary: How the runtime is
      parameters:
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      responses:
        '200':
          description: Conditions and abilities. What does not work is a condition that says so.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Status'
              example:
                status:
                  conditions:
                  - type: RuntimeReady
                    status: true
                    reason: ''
                    message: ''
                  - type: NetworkReady
                    status: true
                    reason: ''
                    message: ''
                info: {}
                runtimeHandlers:
                - name: ''
                  features:
                    recursiveReadOnlyMounts: true
                    userNamespaces: true
                - name: default
                  features:
                    recursiveReadOnlyMounts: true
                    userNamespaces: true
                features:
                  supplementalGroupsPolicy: true
                  userNamespacesHostNetwork: false
                  mountOptions: false
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/config:
    get:
      tags:
      - runtime
      operationId: config
      summary: Who manages cgroups
      responses:
        '200':
          description: The cgroup driver.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/RuntimeConfig'
              example:
                linux:
                  cgroupDriver: SYSTEMD
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
    put:
      tags:
      - runtime
      operationId: updateConfig
      summary: Tell the pod range
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/UpdateRuntimeConfig'
            examples:
              range:
                $ref: '#/components/examples/UpdateRuntimeConfig'
          application/yaml:
            schema:
              $ref: '#/components/schemas/UpdateRuntimeConfig'
            examples:
              range:
                $ref: '#/components/examples/UpdateRuntimeConfig'
      responses:
        '200':
          description: Done.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods:
    get:
      tags:
      - pods
      operationId: listPods
      summary: List pods
      parameters:
      - name: state
        in: query
        required: false
        description: Only pods in this state.
        schema:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
          - ready
          - notready
      - name: labelSelector
        in: query
        required: false
        description: 'A label selector of Kubernetes, `app=web,tier!=back,zone in (a,b),!old`: all of it holds; an empty one selects everything.'
        schema:
          type: string
          pattern: ^([ \t-\r]*|[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[ \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([
            \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*(,[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[
            \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*)*)$
          maxLength: 1024
        example: app=web
      - name: namespace
        in: query
        required: false
        description: Only pods of this namespace; nothing for any.
        schema:
          type: string
          pattern: ^[!-.0-:<>-~]{0,253}$
      - name: name
        in: query
        required: false
        description: Only pods of this name; nothing for any.
        schema:
          type: string
          pattern: ^[!-.0-:<>-~]{0,253}$
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodList'
              example:
                items:
                - id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: web
                    uid: web-1
                    namespace: default
                    attempt: 0
                  state: SANDBOX_READY
                  createdAt: '1764108000000000000'
                  labels:
                    app: web
                  annotations: {}
                  runtimeHandler: ''
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
    post:
      tags:
      - pods
      operationId: createPod
      summary: Make and start a pod
      description: The body is a `RunPodSandboxRequest`, or the `PodSandboxConfig` alone, in JSON or YAML, with names as in `logDirectory` or as in `log_directory`.
        An unknown field is refused. When the client leaves, the pod is undone.
      parameters:
      - name: runtimeHandler
        in: query
        required: false
        description: The runtime handler; beside the config, or in its place in the request.
        schema:
          type: string
          maxLength: 1024
      requestBody:
        required: true
        content:
          application/json:
            schema:
              anyOf:
              - $ref: '#/components/schemas/PodConfig'
              - $ref: '#/components/schemas/RunPodRequest'
            examples:
              config:
                $ref: '#/components/examples/PodConfig'
              request:
                $ref: '#/components/examples/RunPodRequest'
          application/yaml:
            schema:
              anyOf:
              - $ref: '#/components/schemas/PodConfig'
              - $ref: '#/components/schemas/RunPodRequest'
            examples:
              config:
                $ref: '#/components/examples/PodConfig'
              request:
                $ref: '#/components/examples/RunPodRequest'
      responses:
        '201':
          description: It is ready. A repeated request with an equal config answers with the same pod.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodCreated'
              example:
                podSandboxId: aaaaaaaa00000000000000000000000000000000000000000000000000000000
          headers:
            Location:
              schema:
                type: string
                pattern: ^/v1/pods/[0-9a-f]{64}$
              description: '`/v1/pods/{pod}`.'
          links:
            getPod:
              operationId: getPod
              parameters:
                pod: $response.body#/podSandboxId
              description: Its status.
            stopPod:
              operationId: stopPod
              parameters:
                pod: $response.body#/podSandboxId
              description: Stops it.
            removePod:
              operationId: removePod
              parameters:
                pod: $response.body#/podSandboxId
              description: Removes it.
            createContainer:
              operationId: createContainer
              parameters:
                pod: $response.body#/podSandboxId
              description: A container in it.
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}:
    get:
      tags:
      - pods
      operationId: getPod
      summary: One pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      responses:
        '200':
          description: Its status.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodStatusResponse'
              example:
                status:
                  id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: web
                    uid: web-1
                    namespace: default
                    attempt: 0
                  state: SANDBOX_READY
                  createdAt: '1764108000000000000'
                  network:
                    ip: 10.24.0.7
                    additionalIps: []
                  linux:
                    namespaces:
                      options:
                        network: POD
                        pid: CONTAINER
                        ipc: POD
                  labels:
                    app: web
                  annotations: {}
                  runtimeHandler: ''
                info: {}
                containersStatuses: []
                timestamp: '1764108060000000000'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
    delete:
      tags:
      - pods
      operationId: removePod
      summary: Stop and remove a pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: 'It is gone, with its containers. Of a whole id that nothing has: it was gone already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/story:
    get:
      tags:
      - pods
      operationId: podStory
      summary: Tell a pod's life
      description: 'One timeline: the calls about the pod and its containers, what its supervisor did and saw (starts, exits, kills for want of memory, commands that took too long), and what systemd said of its unit. From the system journal and the engine''s record: also of a pod that is gone, for as long as the journal has it.'
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has; or `namespace/name`, of which the newest pod is taken.
        schema:
          type: string
          minLength: 1
          maxLength: 320
          pattern: ^[0-9a-z]+([._-][0-9a-z]+)*(/[0-9a-z]+([._-][0-9a-z]+)*)?$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: The story, the oldest entry first.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Story'
              example:
                id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                name: default/web
                state: SANDBOX_READY
                summary: ready; 0 of 1 container runs, main exited with 1 (Error)
                cut: false
                gap: ''
                entries:
                - at: '1700000000000000000'
                  source: call
                  problem: false
                  text: 'RunPodSandbox default/web: done after 58 ms (systemd launch 52 ms)'
                - at: '1700000001000000000'
                  source: unit
                  problem: false
                  text: 'container main (cccccccc0000): ended with code 1, Error'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/stop:
    post:
      tags:
      - pods
      operationId: stopPod
      summary: Stop a pod
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: Its containers are dead and its network is detached. May be repeated.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/resources:
    post:
      tags:
      - pods
      operationId: updatePodSandboxResources
      summary: Give a pod other limits
      description: 'The body is an `UpdatePodSandboxResourcesRequest`. The limits of the unit that the pod is, resources and overhead together; what is left out has no limit. Those of the slice above it, which the kubelet has made, stay as they are.'
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/PodResourcesRequest'
            examples:
              limits:
                $ref: '#/components/examples/PodResourcesRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/PodResourcesRequest'
            examples:
              limits:
                $ref: '#/components/examples/PodResourcesRequest'
      responses:
        '200':
          description: systemd holds the unit to them.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/sessions/portforward:
    post:
      tags:
      - pods
      operationId: grantPortForward
      summary: Grant connections into a pod
      description: The body is a `PortForwardRequest` of the CRI; each port is one connection, made when the client comes for it.
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/PortForwardRequest'
            examples:
              session:
                $ref: '#/components/examples/PortForwardRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/PortForwardRequest'
            examples:
              session:
                $ref: '#/components/examples/PortForwardRequest'
      responses:
        '201':
          description: 'A ticket: for `GET /v1/sessions`, once, within a minute.'
          headers:
            Location:
              description: Where the ticket is good for a session.
              schema:
                type: string
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/SessionTicket'
              example:
                ticket: ticket.rktlet.00000000000000000000000000000000
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/sessions:
    get:
      tags:
      - containers
      operationId: session
      summary: A session that was granted
      description: |
        A WebSocket, over HTTP/1.1. `Sec-WebSocket-Protocol` offers `v5.channel.k8s.io` (or `v4.channel.k8s.io`) and the ticket, which stands for the token and is used up by this. Each message begins with a byte for its channel: 0 stdin, 1 stdout, 2 stderr, 3 how it ended (a `metav1.Status` of Kubernetes), 4 the terminal's size (`{"Width":80,"Height":24}`); of ports, 2n is the data of the nth and 2n+1 its error, and the first message of each is the port in two bytes, the lower one first. In `v5` the message of the bytes 255 and n ends channel n, which for ports both sides send. docs/streaming.md has the rest.
      parameters:
      - name: Upgrade
        in: header
        required: true
        schema:
          type: string
          const: websocket
      - name: Sec-WebSocket-Protocol
        in: header
        required: true
        schema:
          type: string
        example: v5.channel.k8s.io, ticket.rktlet.00000000000000000000000000000000
      responses:
        '101':
          description: The connection is the session's.
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '426':
          description: The request is none for a WebSocket.
          content:
            application/problem+json:
              schema:
                $ref: '#/components/schemas/Problem'
              example:
                type: about:blank
                title: Upgrade Required
                status: 426
                detail: >-
                  this is for a WebSocket (GET, HTTP/1.1, Upgrade: websocket) with a ticket among its subprotocols; POST to a container's or pod's sessions for one
                instance: /v1/sessions
                code: upgradeRequired
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - {}
  /v1/pods/{pod}/containers:
    post:
      tags:
      - containers
      operationId: createContainer
      summary: Make a container in a pod
      description: The body is a `CreateContainerRequest`, or the `ContainerConfig` alone, in JSON or YAML. An image that is not on the node is 409; 404 is of the pod.
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              anyOf:
              - $ref: '#/components/schemas/ContainerConfig'
              - $ref: '#/components/schemas/CreateContainerRequest'
            examples:
              config:
                $ref: '#/components/examples/ContainerConfig'
              request:
                $ref: '#/components/examples/CreateContainerRequest'
          application/yaml:
            schema:
              anyOf:
              - $ref: '#/components/schemas/ContainerConfig'
              - $ref: '#/components/schemas/CreateContainerRequest'
            examples:
              config:
                $ref: '#/components/examples/ContainerConfig'
              request:
                $ref: '#/components/examples/CreateContainerRequest'
      responses:
        '201':
          description: It is created, not started.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerCreated'
              example:
                containerId: cccccccc00000000000000000000000000000000000000000000000000000000
          headers:
            Location:
              schema:
                type: string
                pattern: ^/v1/containers/[0-9a-f]{64}$
              description: '`/v1/containers/{container}`.'
          links:
            getContainer:
              operationId: getContainer
              parameters:
                container: $response.body#/containerId
              description: Its status.
            startContainer:
              operationId: startContainer
              parameters:
                container: $response.body#/containerId
              description: Starts it.
            stopContainer:
              operationId: stopContainer
              parameters:
                container: $response.body#/containerId
              description: Stops it.
            removeContainer:
              operationId: removeContainer
              parameters:
                container: $response.body#/containerId
              description: Removes it.
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers:
    get:
      tags:
      - containers
      operationId: listContainers
      summary: List containers
      parameters:
      - name: state
        in: query
        required: false
        description: Only containers in this state.
        schema:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
          - created
          - running
          - exited
          - unknown
      - name: labelSelector
        in: query
        required: false
        description: 'A label selector of Kubernetes, `app=web,tier!=back,zone in (a,b),!old`: all of it holds; an empty one selects everything.'
        schema:
          type: string
          pattern: ^([ \t-\r]*|[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[ \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([
            \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*(,[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[
            \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*)*)$
          maxLength: 1024
        example: app=web
      - name: podSandboxId
        in: query
        required: false
        description: Only containers of this pod; the beginning of its id is enough.
        schema:
          type: string
          pattern: ^[0-9a-f]{0,64}$
      - name: namespace
        in: query
        required: false
        description: Only containers of pods of this namespace; nothing for any.
        schema:
          type: string
          pattern: ^[!-.0-:<>-~]{0,253}$
      - name: name
        in: query
        required: false
        description: Only containers of this name; nothing for any.
        schema:
          type: string
          pattern: ^[!-.0-:<>-~]{0,253}$
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerList'
              example:
                containers:
                - id: cccccccc00000000000000000000000000000000000000000000000000000000
                  podSandboxId: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: main
                    attempt: 0
                  image:
                    image: busybox
                    annotations: {}
                    userSpecifiedImage: ''
                    runtimeHandler: ''
                    imageRef: ''
                  imageRef: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  state: CONTAINER_RUNNING
                  createdAt: '1764108000000000000'
                  labels: {}
                  annotations: {}
                  imageId: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/containers/{container}:
    get:
      tags:
      - containers
      operationId: getContainer
      summary: One container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: show
        in: query
        required: false
        description: 'With `env`: the environment that the container was made with, values included, which are often secrets. Without it no answer has them.'
        schema:
          type: string
          enum:
          - env
      responses:
        '200':
          description: Its status.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ContainerStatusResponse'
              example:
                status:
                  id: cccccccc00000000000000000000000000000000000000000000000000000000
                  metadata:
                    name: main
                    attempt: 0
                  state: CONTAINER_RUNNING
                  createdAt: '1764108000000000000'
                  startedAt: '1764108001000000000'
                  finishedAt: '0'
                  exitCode: 0
                  image:
                    image: docker.io/library/busybox:latest
                    annotations: {}
                    userSpecifiedImage: ''
                    runtimeHandler: ''
                    imageRef: ''
                  imageRef: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  reason: ''
                  message: ''
                  labels: {}
                  annotations: {}
                  mounts:
                  - containerPath: /data
                    hostPath: /srv/data
                    readonly: true
                    selinuxRelabel: false
                    propagation: PROPAGATION_PRIVATE
                    uidMappings: []
                    gidMappings: []
                    recursiveReadOnly: false
                    imageSubPath: ''
                    mountOptions: []
                  logPath: /var/log/pods/default_web_web-1/main/0.log
                  resources:
                    linux:
                      cpuPeriod: '100000'
                      cpuQuota: '50000'
                      cpuShares: '512'
                      memoryLimitInBytes: '268435456'
                      oomScoreAdj: '0'
                      cpusetCpus: ''
                      cpusetMems: ''
                      hugepageLimits: []
                      unified: {}
                      memorySwapLimitInBytes: '0'
                  imageId: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  user:
                    linux:
                      uid: '0'
                      gid: '0'
                      supplementalGroups: []
                  stopSignal: SIGNAL_SIGTERM
                info: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
    delete:
      tags:
      - containers
      operationId: removeContainer
      summary: Remove a container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: 'It is gone; one that ran was killed. Of a whole id that nothing has: it was gone already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/start:
    post:
      tags:
      - containers
      operationId: startContainer
      summary: Start a container
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: It runs.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/stop:
    post:
      tags:
      - containers
      operationId: stopContainer
      summary: Stop a container
      description: The container's stop signal, the grace, then SIGKILL. The grace is in the query or in the body, a `StopContainerRequest`.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: timeout
        in: query
        required: false
        description: Seconds of grace (default 10).
        schema:
          type: integer
          minimum: 0
          maximum: 3153600000
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/StopRequest'
            examples:
              grace:
                $ref: '#/components/examples/StopRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/StopRequest'
            examples:
              grace:
                $ref: '#/components/examples/StopRequest'
      responses:
        '200':
          description: 'Its exit is recorded. One that has exited, or a whole id that nothing has: it was stopped already.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/resources:
    post:
      tags:
      - containers
      operationId: updateContainerResources
      summary: Give a container other limits
      description: 'The body is an `UpdateContainerResourcesRequest`. The container is created or runs; what is zero, empty or left out stays as it is. All of the limits are set, or none; `status.resources` has what is in force.'
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/ContainerResourcesRequest'
            examples:
              limits:
                $ref: '#/components/examples/ContainerResourcesRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/ContainerResourcesRequest'
            examples:
              limits:
                $ref: '#/components/examples/ContainerResourcesRequest'
      responses:
        '200':
          description: They are in force, and recorded.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/checkpoint:
    post:
      tags:
      - containers
      operationId: checkpointContainer
      summary: Write a container into an archive
      description: 'The body is a `CheckpointContainerRequest`. Its processes, and what it has changed of its image, are written into a file of root''s alone on the node; it goes on running. It takes a pod of a runtime handler that can checkpoint, and criu. A container is made anew of the file by its path in place of an image.'
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/CheckpointRequest'
            examples:
              file:
                $ref: '#/components/examples/CheckpointRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/CheckpointRequest'
            examples:
              file:
                $ref: '#/components/examples/CheckpointRequest'
      responses:
        '200':
          description: The archive is there, whole.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/exec:
    post:
      tags:
      - containers
      operationId: exec
      summary: Run a command in a container
      description: Waits for the end of the command. When the client leaves, the command is killed.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/ExecRequest'
            examples:
              command:
                $ref: '#/components/examples/ExecRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/ExecRequest'
            examples:
              command:
                $ref: '#/components/examples/ExecRequest'
      responses:
        '200':
          description: It has ended, with whatever code.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ExecResult'
              example:
                stdout: aGVsbG8K
                stderr: ''
                exitCode: 0
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/sessions/exec:
    post:
      tags:
      - containers
      operationId: grantExec
      summary: Grant an interactive command
      description: The body is an `ExecRequest` of the CRI. The command begins when its client comes for it, and ends when the client leaves.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/ExecSessionRequest'
            examples:
              session:
                $ref: '#/components/examples/ExecSessionRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/ExecSessionRequest'
            examples:
              session:
                $ref: '#/components/examples/ExecSessionRequest'
      responses:
        '201':
          description: 'A ticket: for `GET /v1/sessions`, once, within a minute.'
          headers:
            Location:
              description: Where the ticket is good for a session.
              schema:
                type: string
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/SessionTicket'
              example:
                ticket: ticket.rktlet.00000000000000000000000000000000
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/sessions/attach:
    post:
      tags:
      - containers
      operationId: grantAttach
      summary: Grant what a container reads and writes
      description: The body is an `AttachRequest` of the CRI. Whether there is a terminal, the container says.
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/AttachRequest'
            examples:
              session:
                $ref: '#/components/examples/AttachRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/AttachRequest'
            examples:
              session:
                $ref: '#/components/examples/AttachRequest'
      responses:
        '201':
          description: 'A ticket: for `GET /v1/sessions`, once, within a minute.'
          headers:
            Location:
              description: Where the ticket is good for a session.
              schema:
                type: string
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/SessionTicket'
              example:
                ticket: ticket.rktlet.00000000000000000000000000000000
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/containers/{container}/logs:
    get:
      tags:
      - containers
      operationId: logs
      summary: What a container wrote
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      - name: follow
        in: query
        required: false
        description: Go on with what is written from now on, across rotations. Nothing (`?follow`) is true.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: tail
        in: query
        required: false
        description: Only the last lines.
        schema:
          type: integer
          minimum: 0
          maximum: 1000000000
      - name: since
        in: query
        required: false
        description: A time (`2026-01-12T15:04:05Z`), or how long ago (`15m`).
        schema:
          type: string
          pattern: ^([0-9]{1,9}s?|[0-9]{1,7}m|[0-9]{1,6}h|(19[7-9][0-9]|2[01][0-9][0-9]|22[0-5][0-9]|226[01])-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))[Tt
            ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))$
          maxLength: 1024
        example: 15m
      - name: timestamps
        in: query
        required: false
        description: The time before each line. Nothing (`?timestamps`) is true.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: stream
        in: query
        required: false
        description: Only this one.
        schema:
          type: string
          enum:
          - stdout
          - stderr
      responses:
        '200':
          description: Its lines. With `follow`, until it has exited.
          content:
            text/plain:
              schema:
                type: string
              example: 'hello

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/containers/{container}/stats:
    get:
      tags:
      - stats
      operationId: containerStats
      summary: What a container uses
      parameters:
      - name: container
        in: path
        required: true
        description: The container's id, or a beginning of it that no other container's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: cccccccc00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: CPU and memory, by the kernel's counters.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Stats'
              example:
                stats:
                  attributes:
                    id: cccccccc00000000000000000000000000000000000000000000000000000000
                    metadata:
                      name: main
                      attempt: 0
                    labels: {}
                    annotations: {}
                  cpu:
                    timestamp: '1764108060000000000'
                    usageCoreNanoSeconds:
                      value: '1250000000'
                    usageNanoCores:
                      value: '25000000'
                  memory:
                    timestamp: '1764108060000000000'
                    workingSetBytes:
                      value: '4194304'
                    availableBytes:
                      value: '264241152'
                    usageBytes:
                      value: '6291456'
                    rssBytes:
                      value: '2097152'
                    pageFaults:
                      value: '812'
                    majorPageFaults:
                      value: '3'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/pods/{pod}/stats:
    get:
      tags:
      - stats
      operationId: podStats
      summary: What a pod uses, and its containers
      parameters:
      - name: pod
        in: path
        required: true
        description: The pod's id, or a beginning of it that no other pod's has.
        schema:
          type: string
          minLength: 1
          maxLength: 64
          pattern: ^[0-9a-f]+$
        example: aaaaaaaa00000000000000000000000000000000000000000000000000000000
      responses:
        '200':
          description: 'By the kernel''s counters: of the whole pod, of its network and of those containers that run.'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/PodStats'
              example:
                stats:
                  attributes:
                    id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                    metadata:
                      name: web
                      uid: 7d0c9c7e-0c2f-4f0e-9a59-1f6d0a1c0001
                      namespace: default
                      attempt: 0
                    labels: {}
                    annotations: {}
                  linux:
                    cpu:
                      timestamp: '1764108060000000000'
                      usageCoreNanoSeconds:
                        value: '1300000000'
                      usageNanoCores:
                        value: '26000000'
                    memory:
                      timestamp: '1764108060000000000'
                      workingSetBytes:
                        value: '8388608'
                      usageBytes:
                        value: '10485760'
                      rssBytes:
                        value: '4194304'
                      pageFaults:
                        value: '1024'
                      majorPageFaults:
                        value: '3'
                    network:
                      timestamp: '1764108060000000000'
                      defaultInterface:
                        name: eth0
                        rxBytes:
                          value: '1048576'
                        rxErrors:
                          value: '0'
                        txBytes:
                          value: '65536'
                        txErrors:
                          value: '0'
                      interfaces: []
                    process:
                      timestamp: '1764108060000000000'
                      processCount:
                        value: '3'
                    containers:
                    - attributes:
                        id: cccccccc00000000000000000000000000000000000000000000000000000000
                        metadata:
                          name: main
                          attempt: 0
                        labels: {}
                        annotations: {}
                      cpu:
                        timestamp: '1764108060000000000'
                        usageCoreNanoSeconds:
                          value: '1250000000'
                        usageNanoCores:
                          value: '25000000'
                      memory:
                        timestamp: '1764108060000000000'
                        workingSetBytes:
                          value: '4194304'
                        availableBytes:
                          value: '264241152'
                        usageBytes:
                          value: '6291456'
                        rssBytes:
                          value: '2097152'
                        pageFaults:
                          value: '812'
                        majorPageFaults:
                          value: '3'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/stats:
    get:
      tags:
      - stats
      operationId: listStats
      summary: What containers use
      parameters:
      - name: podSandboxId
        in: query
        required: false
        description: Only containers of this pod; the beginning of its id is enough.
        schema:
          type: string
          pattern: ^[0-9a-f]{0,64}$
      - name: labelSelector
        in: query
        required: false
        description: 'A label selector of Kubernetes, `app=web,tier!=back,zone in (a,b),!old`: all of it holds; an empty one selects everything.'
        schema:
          type: string
          pattern: ^([ \t-\r]*|[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[ \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([
            \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*(,[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[
            \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*)*)$
          maxLength: 1024
        example: app=web
      responses:
        '200':
          description: Of those that run.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/StatsList'
              example:
                stats:
                - attributes:
                    id: cccccccc00000000000000000000000000000000000000000000000000000000
                    metadata:
                      name: main
                      attempt: 0
                    labels: {}
                    annotations: {}
                  cpu:
                    timestamp: '1764108060000000000'
                    usageCoreNanoSeconds:
                      value: '1250000000'
                  memory:
                    timestamp: '1764108060000000000'
                    workingSetBytes:
                      value: '4194304'
                    usageBytes:
                      value: '6291456'
                    rssBytes:
                      value: '2097152'
                    pageFaults:
                      value: '812'
                    majorPageFaults:
                      value: '3'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/stats/history:
    get:
      tags:
      - stats
      operationId: statsHistory
      summary: What containers used in the last ten minutes
      parameters:
      - name: podSandboxId
        in: query
        required: false
        description: Only containers of this pod; the beginning of its id is enough.
        schema:
          type: string
          pattern: ^[0-9a-f]{0,64}$
      - name: labelSelector
        in: query
        required: false
        description: 'A label selector of Kubernetes, `app=web,tier!=back,zone in (a,b),!old`: all of it holds; an empty one selects everything.'
        schema:
          type: string
          pattern: ^([ \t-\r]*|[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[ \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([
            \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*(,[ \t-\r]*(![ \t-\r]*[^ \t-\r=!(),<>]+|[^ \t-\r=!(),<>]+([ \t-\r]*(==?|!=)[
            \t-\r]*[^ \t-\r=!(),<>]*|[ \t-\r]+(in|notin)[ \t-\r]*\([ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*(,[ \t-\r]*[^ \t-\r=!(),<>]*[ \t-\r]*)*\))?)[ \t-\r]*)*)$
          maxLength: 1024
        example: app=web
      responses:
        '200':
          description: A point each ten seconds, 60 of them, of those that run; the oldest first.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/StatsHistory'
              example:
                series:
                - id: cccccccc00000000000000000000000000000000000000000000000000000000
                  points:
                  - timestamp: '1764108050000000000'
                    workingSetBytes: '4194304'
                  - timestamp: '1764108060000000000'
                    usageNanoCores: '12500000'
                    workingSetBytes: '4198400'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/images:
    get:
      tags:
      - images
      operationId: listImages
      summary: List images
      parameters:
      - name: image
        in: query
        required: false
        description: Only the image that this reference or id means now.
        schema:
          type: string
          pattern: ^(?=([^:@]|:[0-9]+/){0,237}([:@]|$))((((localhost|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*:[1-9][0-9]{0,3})/)|(?![^/:@]*\.[^/:@]*/))[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*(/[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*)*(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@sha256:[0-9a-f]{64})?|(sha256:)?[0-9a-f]{1,64})?$
          maxLength: 1024
        example: busybox
      - name: name
        in: query
        required: false
        description: Only images with this in one of their names.
        schema:
          type: string
          maxLength: 1024
      responses:
        '200':
          description: Those that match.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageList'
              example:
                images:
                - id: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  repoTags:
                  - docker.io/library/busybox:latest
                  repoDigests:
                  - docker.io/library/busybox@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
                  size: '4496132'
                  username: ''
                  spec:
                    image: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                    annotations: {}
                    userSpecifiedImage: ''
                    runtimeHandler: ''
                    imageRef: ''
                  pinned: false
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
    post:
      tags:
      - images
      operationId: pullImage
      summary: Pull an image
      description: 'With `Accept: application/x-ndjson` the answer is a stream of lines that tell how it goes. When the last client has left, the pull is cancelled.'
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/PullRequest'
            examples:
              busybox:
                $ref: '#/components/examples/PullRequest'
          application/yaml:
            schema:
              $ref: '#/components/schemas/PullRequest'
            examples:
              busybox:
                $ref: '#/components/examples/PullRequest'
      responses:
        '200':
          description: It is here, whole and verified.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pulled'
              example:
                imageRef: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
            application/x-ndjson:
              schema:
                type: string
                description: Lines, each a `PullLine`.
                contentMediaType: application/x-ndjson
                contentSchema:
                  type: array
                  items:
                    $ref: '#/components/schemas/PullLine'
              example: '{"status":"pulling","image":"docker.io/library/busybox:latest","elapsedSeconds":0}

                {"status":"pulling","image":"docker.io/library/busybox:latest","elapsedSeconds":1,"phase":"downloading","bytes":"1048576","totalBytes":"2219949"}

                {"status":"pulled","imageRef":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}

                '
          links:
            getImage:
              operationId: getImage
              parameters:
                image: $response.body#/imageRef
              description: What it is.
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '408':
          $ref: '#/components/responses/Problem408'
        '409':
          $ref: '#/components/responses/Problem409'
        '413':
          $ref: '#/components/responses/Problem413'
        '414':
          $ref: '#/components/responses/Problem414'
        '415':
          $ref: '#/components/responses/Problem415'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/images/{image}:
    get:
      tags:
      - images
      operationId: getImage
      summary: One image
      parameters:
      - name: image
        in: path
        required: true
        description: An image's id, a beginning of it (with or without `sha256:`), or a reference with its slashes escaped (`docker.io%2Flibrary%2Fbusybox:1`).
        schema:
          type: string
          minLength: 1
          maxLength: 1024
          pattern: ^(?=([^:@]|:[0-9]+/){0,237}([:@]|$))((((localhost|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*:[1-9][0-9]{0,3})/)|(?![^/:@]*\.[^/:@]*/))[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*(/[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*)*(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@sha256:[0-9a-f]{64})?|(sha256:)?[0-9a-f]{1,64})$
        example: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      - name: verbose
        in: query
        required: false
        description: 'With what this runtime knows beyond the CRI: `info`. Nothing (`?verbose`) is true.'
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      responses:
        '200':
          description: It is here.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageStatus'
              example:
                image:
                  id: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                  repoTags:
                  - docker.io/library/busybox:latest
                  repoDigests:
                  - docker.io/library/busybox@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
                  size: '4496132'
                  username: ''
                  spec:
                    image: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                    annotations: {}
                    userSpecifiedImage: ''
                    runtimeHandler: ''
                    imageRef: ''
                  pinned: false
                info: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
    delete:
      tags:
      - images
      operationId: removeImage
      summary: Remove an image
      parameters:
      - name: image
        in: path
        required: true
        description: An image's id, a beginning of it (with or without `sha256:`), or a reference with its slashes escaped (`docker.io%2Flibrary%2Fbusybox:1`).
        schema:
          type: string
          minLength: 1
          maxLength: 1024
          pattern: ^(?=([^:@]|:[0-9]+/){0,237}([:@]|$))((((localhost|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*:[1-9][0-9]{0,3})/)|(?![^/:@]*\.[^/:@]*/))[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*(/[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*)*(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@sha256:[0-9a-f]{64})?|(sha256:)?[0-9a-f]{1,64})$
        example: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      responses:
        '200':
          description: It is gone with all its tags, or was not here. Containers made from it keep running.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Empty'
              example: {}
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '409':
          $ref: '#/components/responses/Problem409'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/imagefs:
    get:
      tags:
      - images
      operationId: imageFsInfo
      summary: What images take on disk
      responses:
        '200':
          description: The image file system, and that of the writable layers.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ImageFsInfo'
              example:
                imageFilesystems:
                - timestamp: '1764108060000000000'
                  fsId:
                    mountpoint: /var/lib/rktlet/images
                  usedBytes:
                    value: '4841472'
                  inodesUsed:
                    value: '431'
                containerFilesystems:
                - timestamp: '1764108060000000000'
                  fsId:
                    mountpoint: /var/lib/rktlet/pods
                  usedBytes:
                    value: '40960'
                  inodesUsed:
                    value: '18'
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
        '504':
          $ref: '#/components/responses/Problem504'
        '507':
          $ref: '#/components/responses/Problem507'
      security:
      - token: []
      - {}
  /v1/events:
    get:
      tags:
      - events
      operationId: events
      summary: What happens to pods and containers
      parameters:
      - name: Last-Event-ID
        in: header
        required: false
        description: The last id that was seen.
        schema:
          type: string
          pattern: ^[0-9a-f]{1,8}-[0-9]{1,15}$
      responses:
        '200':
          description: 'Server-sent events until the client leaves. `event` is the type (`CONTAINER_STARTED_EVENT`, …, or `gap`: some were lost, list again), `data`
            a `ContainerEvent`; `id` may come back as `Last-Event-ID`. A comment every 15 seconds shows that the daemon is there. A client that does not read is disconnected.'
          content:
            text/event-stream:
              schema:
                type: string
                description: Events, each a `ServerSentEvent`.
                contentMediaType: text/event-stream
                contentSchema:
                  type: array
                  items:
                    $ref: '#/components/schemas/ServerSentEvent'
              example: 'retry: 1000

                : rktlet''s events


                id: 5f3a9c1e-2

                event: CONTAINER_STARTED_EVENT

                data: {"containerId":"aaaaaaaa00000000000000000000000000000000000000000000000000000000","containerEventType":"CONTAINER_STARTED_EVENT","createdAt":"1764108000000000000","podSandboxStatus":{"id":"aaaaaaaa00000000000000000000000000000000000000000000000000000000","metadata":{"name":"web","uid":"web-1","namespace":"default","attempt":0},"state":"SANDBOX_READY","createdAt":"1764108000000000000","network":{"ip":"10.24.0.7","additionalIps":[]},"linux":{"namespaces":{"options":{"network":"POD","pid":"CONTAINER","ipc":"POD"}}},"labels":{"app":"web"},"annotations":{},"runtimeHandler":""},"containersStatuses":[]}


                : still here


                id: 5f3a9c1e-3

                event: gap

                data: {}


                '
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/calls:
    get:
      tags:
      - calls
      operationId: listCalls
      summary: The last calls of the CRI and of this gateway
      description: 'The flight recorder: the newest 2,048 calls that changed something, failed or took a second or longer, in 1 MiB at most, and 1,024 of the others, in half of
        that; those that run come last. In memory only: a restart forgets them. Of a call there is no body, no environment and no query.'
      parameters:
      - name: all
        in: query
        required: false
        description: Also those that asked only, went well and took less than a second; of them there are very many.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: failed
        in: query
        required: false
        description: Only those that failed.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: slow
        in: query
        required: false
        description: Only those that took so long or longer; a bare number is seconds.
        schema:
          type: string
          pattern: ^[0-9]{1,9}(ms|s|m|h)?$
        example: 500ms
      - name: transport
        in: query
        required: false
        description: Only those of the CRI's socket (`grpc`) or of the gateway (`http`).
        schema:
          type: string
          enum:
          - grpc
          - http
      - name: method
        in: query
        required: false
        description: Only those with this text in their method.
        schema:
          type: string
          maxLength: 1024
        example: PodSandbox
      - name: object
        in: query
        required: false
        description: Only those about an object whose id or reference begins with this, or that made one with this in its name.
        schema:
          type: string
          maxLength: 1024
        example: default/web
      - name: tail
        in: query
        required: false
        description: The newest so many.
        schema:
          type: integer
          minimum: 0
          maximum: 1000000
      responses:
        '200':
          description: In the order of their ends, the oldest first; then those that run.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/CallList'
              example:
                calls:
                - number: '7'
                  transport: grpc
                  method: RunPodSandbox
                  object: aaaaaaaa00000000000000000000000000000000000000000000000000000000
                  name: default/web
                  startedAt: '1764108000000000000'
                  durationNanos: '231000000'
                  running: false
                  code: ok
                  failed: false
                  error: ''
                  traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
                  routine: false
                  steps:
                  - name: systemd launch
                    startNanos: '400000'
                    durationNanos: '229000000'
                    code: ok
                  stepsLeftOut: 0
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /v1/calls/events:
    get:
      tags:
      - calls
      operationId: followCalls
      summary: Calls as they end
      parameters:
      - name: all
        in: query
        required: false
        description: Also those that asked only, went well and took less than a second; of them there are very many.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: failed
        in: query
        required: false
        description: Only those that failed.
        schema:
          type: string
          enum:
          - 'true'
          - 'false'
          - '1'
          - '0'
          - ''
      - name: slow
        in: query
        required: false
        description: Only those that took so long or longer; a bare number is seconds.
        schema:
          type: string
          pattern: ^[0-9]{1,9}(ms|s|m|h)?$
        example: 500ms
      - name: transport
        in: query
        required: false
        description: Only those of the CRI's socket (`grpc`) or of the gateway (`http`).
        schema:
          type: string
          enum:
          - grpc
          - http
      - name: method
        in: query
        required: false
        description: Only those with this text in their method.
        schema:
          type: string
          maxLength: 1024
        example: PodSandbox
      - name: object
        in: query
        required: false
        description: Only those about an object whose id or reference begins with this, or that made one with this in its name.
        schema:
          type: string
          maxLength: 1024
        example: default/web
      - name: tail
        in: query
        required: false
        description: The newest so many.
        schema:
          type: integer
          minimum: 0
          maximum: 1000000
      - name: Last-Event-ID
        in: header
        required: false
        description: The last id that was seen; what came before it is left out.
        schema:
          type: string
          pattern: ^[0-9a-f]{1,8}-[0-9]{1,15}$
      responses:
        '200':
          description: 'Server-sent events until the client leaves: first what is kept, `tail` of it, then each call when it has ended. `event` is `call`, or `gap`: some are missing here,
            because more came than are kept; `data` is a `Call`; `id` may come back as `Last-Event-ID`. A comment comes every 15 seconds in which nothing else does.'
          content:
            text/event-stream:
              schema:
                type: string
                description: Events, each a `CallEvent`.
                contentMediaType: text/event-stream
                contentSchema:
                  type: array
                  items:
                    $ref: '#/components/schemas/CallEvent'
              example: 'retry: 1000

                : rktlet''s calls


                id: 5f3a9c1e-7

                event: call

                data: {"number":"7","transport":"grpc","method":"RunPodSandbox","object":"aaaaaaaa00000000000000000000000000000000000000000000000000000000","name":"default/web","startedAt":"1764108000000000000","durationNanos":"231000000","running":false,"code":"ok","failed":false,"error":"","traceparent":"","routine":false,"steps":[],"stepsLeftOut":0}


                '
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /metrics:
    get:
      tags:
      - health
      operationId: metrics
      summary: Metrics for Prometheus
      responses:
        '200':
          description: The text format 0.0.4. The example is its beginning.
          content:
            text/plain:
              schema:
                type: string
              example: '# HELP rktlet_pods Pods on this node, by state.

                # TYPE rktlet_pods gauge

                rktlet_pods{state="notready"} 0

                rktlet_pods{state="ready"} 1

                # HELP rktlet_containers Containers on this node, by state.

                # TYPE rktlet_containers gauge

                rktlet_containers{state="created"} 0

                rktlet_containers{state="exited"} 0

                rktlet_containers{state="running"} 1

                rktlet_containers{state="unknown"} 0

                # HELP rktlet_images Images on this node.

                # TYPE rktlet_images gauge

                rktlet_images 1

                # HELP rktlet_images_bytes Bytes of the images on this node, shared layers counted for each.

                # TYPE rktlet_images_bytes gauge

                rktlet_images_bytes 4496132

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - metricsToken: []
      - {}
  /metrics/pods:
    get:
      tags:
      - health
      operationId: podMetrics
      summary: What pods and containers use, for Prometheus
      responses:
        '200':
          description: The text format 0.0.4; the families of cAdvisor, each with the labels container, id, image, name, namespace and pod where they are not empty.
          content:
            text/plain:
              schema:
                type: string
              example: '# HELP container_cpu_usage_seconds_total CPU time used, in seconds.

                # TYPE container_cpu_usage_seconds_total counter

                container_cpu_usage_seconds_total{container="main",id="/rktlet-pods.slice/rktlet-pod-aaaaaaaa0000.service/main",image="busybox:1.36",name="cccccccc00000000000000000000000000000000000000000000000000000000",namespace="default",pod="web"}
                1.25

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - metricsToken: []
      - {}
  /healthz:
    get:
      tags:
      - health
      operationId: healthz
      summary: Whether the daemon lives
      responses:
        '200':
          description: It does.
          content:
            text/plain:
              schema:
                type: string
              example: 'ok

                '
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
      security:
      - {}
  /readyz:
    get:
      tags:
      - health
      operationId: readyz
      summary: Whether pods can run
      responses:
        '200':
          description: They can.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Readiness'
              example:
                ready: true
                reasons: []
        '503':
          description: They cannot, for these reasons. On TCP without the token they have no message.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Readiness'
              example:
                ready: false
                reasons:
                - type: NetworkReady
                  status: false
                  reason: NetworkNotConfigured
                  message: 'no network configuration (*.conflist, *.conf, *.json) in /etc/cni/net.d: install a network, or put a .conflist there'
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
      security:
      - {}
  /xterm/{file}:
    get:
      tags:
      - documents
      operationId: xterm
      summary: A script or style of the page's terminal
      description: From Debian's `node-xterm`, where it is installed (`/usr/share/nodejs/xterm/lib`); the problem says how to get it.
      parameters:
      - name: file
        in: path
        required: true
        description: Its path below that, with `%2F` for each slash.
        schema:
          type: string
          pattern: ^([A-Za-z0-9-]+/){0,6}[A-Za-z0-9-]+\.(js|css)$
        example: xterm.css
      responses:
        '200':
          description: The file.
          content:
            text/javascript:
              schema:
                type: string
            text/css:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '404':
          $ref: '#/components/responses/Problem404'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /openapi.yaml:
    get:
      tags:
      - documents
      operationId: openapi
      summary: This document
      responses:
        '200':
          description: OpenAPI 3.1.
          content:
            application/yaml:
              schema:
                type: object
        '400':
          $ref: '#/components/responses/Problem400'
        '401':
          $ref: '#/components/responses/Problem401'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
        '503':
          $ref: '#/components/responses/Problem503'
      security:
      - token: []
      - {}
  /:
    get:
      tags:
      - documents
      operationId: page
      summary: The page
      responses:
        '200':
          description: The node's pods, live, for people.
          content:
            text/html:
              schema:
                type: string
        '400':
          $ref: '#/components/responses/Problem400'
        '403':
          $ref: '#/components/responses/Problem403'
        '405':
          $ref: '#/components/responses/Problem405'
        '414':
          $ref: '#/components/responses/Problem414'
        '421':
          $ref: '#/components/responses/Problem421'
        '500':
          $ref: '#/components/responses/Problem500'
        '501':
          $ref: '#/components/responses/Problem501'
      security:
      - {}
components:
  securitySchemes:
    token:
      type: http
      scheme: bearer
      description: 'On TCP only, for everything but the page, `/healthz` and `/readyz`: what the file of gatewayTokenFile holds. On the Unix socket the file''s mode
        decides.'
    metricsToken:
      type: http
      scheme: bearer
      description: 'On TCP only, for `/metrics`, `/metrics/pods` and nothing else: what the file of metricsTokenFile holds. The other token will do as well.'
  responses:
    Problem400:
      description: The request is malformed; the detail says where.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Bad Request
            status: 400
            detail: 'config.metadata.name: must not be empty'
            instance: /v1/pods
            code: invalidArgument
    Problem401:
      description: 'On TCP: the token is missing or wrong.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Unauthorized
            status: 401
            detail: 'on TCP this needs the token: Authorization: Bearer, with what the file of gatewayTokenFile holds (for /metrics also that of metricsTokenFile)'
            instance: /v1/containers/cccccccc00000000000000000000000000000000000000000000000000000000/start
            code: unauthorized
      headers:
        WWW-Authenticate:
          schema:
            type: string
          example: Bearer realm="rktlet"
    Problem403:
      description: 'On TCP: a page of another site asks. Or: credentials were refused.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Forbidden
            status: 403
            detail: a page of another site may not use this gateway
            instance: /v1/pods
            code: badOrigin
    Problem404:
      description: There is no such object, or no such path.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Not Found
            status: 404
            detail: pod "f00" does not exist
            instance: /v1/pods/f00
            code: notFound
    Problem405:
      description: Another method is for this path; `Allow` has it.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Method Not Allowed
            status: 405
            detail: PATCH is not for this path; GET, HEAD, POST are
            instance: /v1/pods
            code: methodNotAllowed
      headers:
        Allow:
          schema:
            type: string
          example: GET, HEAD, POST
    Problem408:
      description: The body came too slowly.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Request Timeout
            status: 408
            detail: the body took longer than 30.0 seconds
            instance: /v1/pods
            code: requestTimeout
    Problem409:
      description: The object is in another state, the name is taken, something that the body names is not there, or the id is ambiguous (then with candidates).
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Conflict
            status: 409
            detail: '"a" is the beginning of 2 pod ids; write more of it'
            instance: /v1/pods/a
            code: ambiguous
            candidates:
            - id: aaaaaaaa00000000000000000000000000000000000000000000000000000000
              name: default/web
            - id: aaaaaaaa11111111111111111111111111111111111111111111111111111111
              name: default/db
    Problem413:
      description: The body has more than 2 MiB.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Content Too Large
            status: 413
            detail: the body has more than 2097152 bytes
            instance: /v1/pods
            code: contentTooLarge
    Problem414:
      description: The path and query have more than 4096 bytes.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: URI Too Long
            status: 414
            detail: the path and query have more than 16384 bytes
            instance: /v1/pods
            code: uriTooLong
    Problem415:
      description: The body is neither JSON nor YAML.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Unsupported Media Type
            status: 415
            detail: Content-Type must be application/json or application/yaml, not text/plain
            instance: /v1/pods
            code: unsupportedMediaType
      headers:
        Accept:
          schema:
            type: string
          example: application/json, application/yaml
    Problem421:
      description: 'On TCP: Host is not this machine.'
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Misdirected Request
            status: 421
            detail: Host "node.example" is not this machine's; use localhost, 127.0.0.1 or [::1]
            instance: /v1/pods
            code: badHost
    Problem500:
      description: A defect here or in the engine.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Internal Server Error
            status: 500
            detail: unexpected error; the daemon's log has it
            instance: /v1/pods
            code: internal
    Problem501:
      description: The engine in use cannot do this, or there is no method of this name.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Not Implemented
            status: 501
            detail: there is no such method here
            instance: /v1/pods
            code: unknownMethod
    Problem503:
      description: Something does not answer now, or the daemon is starting; a retry may help.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Service Unavailable
            status: 503
            detail: 'rktlet is starting: it reads which pods there are; try again'
            instance: /v1/pods
            code: unavailable
      headers:
        Retry-After:
          description: While the daemon is starting.
          schema:
            type: integer
          example: 1
    Problem504:
      description: A limit of time passed.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Gateway Timeout
            status: 504
            detail: 'container cccccccc00000000000000000000000000000000000000000000000000000000: the command did not end within 5.0 seconds and was killed'
            instance: /v1/containers/cccccccc00000000000000000000000000000000000000000000000000000000/exec
            code: deadlineExceeded
    Problem507:
      description: A limit of this host was reached.
      content:
        application/problem+json:
          schema:
            $ref: '#/components/schemas/Problem'
          example:
            type: about:blank
            title: Insufficient Storage
            status: 507
            detail: 'image docker.io/library/busybox:latest: the file system of /var/lib/rktlet/images has 1048576 bytes left; it takes 4496132'
            instance: /v1/images
            code: resourceExhausted
  examples:
    UpdateRuntimeConfig:
      summary: A range for pods
      value:
        runtimeConfig:
          networkConfig:
            podCidr: 10.24.0.0/16
    PodConfig:
      summary: The config alone
      value:
        metadata:
          name: web
          uid: web-1
          namespace: default
          attempt: 0
        hostname: web
        logDirectory: /var/log/pods/default_web_web-1
        labels:
          app: web
        linux: {}
    RunPodRequest:
      summary: The whole message of the CRI
      value:
        config:
          metadata:
            name: web
            uid: web-1
            namespace: default
            attempt: 0
          hostname: web
          logDirectory: /var/log/pods/default_web_web-1
          labels:
            app: web
          linux: {}
        runtimeHandler: ''
    ContainerConfig:
      summary: The config alone
      value:
        metadata:
          name: main
        image:
          image: docker.io/library/busybox:latest
        command:
        - sleep
        - '1000'
        logPath: main/0.log
        envs:
        - key: GREETING
          value: hello
    CreateContainerRequest:
      summary: The whole message of the CRI
      value:
        config:
          metadata:
            name: main
          image:
            image: docker.io/library/busybox:latest
          command:
          - sleep
          - '1000'
          logPath: main/0.log
          envs:
          - key: GREETING
            value: hello
    StopRequest:
      summary: With half a minute of grace
      value:
        timeout: '30'
    ContainerResourcesRequest:
      summary: Half a processor and 64 MiB
      value:
        linux:
          cpuPeriod: '100000'
          cpuQuota: '50000'
          memoryLimitInBytes: '67108864'
    CheckpointRequest:
      summary: Within a minute
      value:
        location: /var/lib/kubelet/checkpoints/web.tar
        timeout: '60'
    PodResourcesRequest:
      summary: A processor for all of it
      value:
        resources:
          cpuPeriod: '100000'
          cpuQuota: '100000'
    ExecRequest:
      summary: A command with a limit of time
      value:
        cmd:
        - echo
        - hello
        timeout: '5'
    ExecSessionRequest:
      summary: A shell with a terminal
      value:
        cmd:
        - sh
        stdin: true
        stdout: true
        tty: true
    AttachRequest:
      summary: What it writes
      value:
        stdout: true
        stderr: true
    PortForwardRequest:
      summary: One connection to port 80
      value:
        port:
        - 80
    PullRequest:
      summary: An image by its name
      value:
        image:
          image: docker.io/library/busybox:latest
  schemas:
    Story:
      type: object
      description: A pod's life on one timeline.
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        name:
          description: '`namespace/name`; empty when nothing says it any more.'
          type: string
        state:
          description: Empty of one that is gone.
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
          - ''
        summary:
          description: How it is, and why, in one line.
          type: string
        cut:
          description: There was more before the first entry.
          type: boolean
        gap:
          description: Why only the engine's record is told; empty when the journal could be read.
          type: string
        entries:
          type: array
          items:
            $ref: '#/components/schemas/StoryEntry'
      required:
      - id
      - name
      - state
      - summary
      - cut
      - gap
      - entries
      additionalProperties: false
    StoryEntry:
      type: object
      properties:
        at:
          description: Nanoseconds since the epoch, in quotes.
          type: string
          pattern: ^[0-9]+$
        source:
          description: '`call`: of the kubelet or of a client of the gateway; `daemon`: this one or one before it; `unit`: the pod''s supervisor and what it calls; `systemd`, about the unit; `record`: the engine''s, where nothing was written down.'
          type: string
          enum:
          - call
          - daemon
          - unit
          - systemd
          - record
        problem:
          type: boolean
        text:
          type: string
      required:
      - at
      - source
      - problem
      - text
      additionalProperties: false
    Call:
      type: object
      description: One call of the CRI or of the gateway. Nothing of its body is in it.
      properties:
        number:
          description: In the order of their ends; 0 for one that runs. A 64-bit number, in quotes.
          type: string
          pattern: ^[0-9]+$
        transport:
          type: string
          enum:
          - grpc
          - http
        method:
          description: '`RunPodSandbox`; of the gateway method and route, `GET /v1/pods/{pod}`, with the whole path while it runs.'
          type: string
        object:
          description: The id or reference that it is about, as it was given; of what it made, the id. At most 256 bytes.
          type: string
        name:
          description: The name of what it makes, `namespace/name` of a pod; at most 256 bytes.
          type: string
        startedAt:
          description: Nanoseconds since the epoch, in quotes.
          type: string
          pattern: ^[0-9]+$
        durationNanos:
          description: In quotes; so far, for one that runs. Of the gateway's streams until their answer began.
          type: string
          pattern: ^[0-9]+$
        running:
          type: boolean
        code:
          description: The status of gRPC (`ok`, `notFound`) or of HTTP (`404`); empty while it runs.
          type: string
        failed:
          type: boolean
        error:
          description: The error's text, at most 1,024 bytes.
          type: string
        traceparent:
          description: The caller's (W3C Trace Context); empty when there was none that is one.
          type: string
          pattern: ^([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})?$
        routine:
          description: It asked only, went well and took less than a second.
          type: boolean
        steps:
          description: What the daemon asked systemd and the engine for on its behalf, in the order of their ends. What several callers shared is with the first.
          type: array
          maxItems: 32
          items:
            type: object
            properties:
              name:
                type: string
              startNanos:
                description: Since the call began, in quotes.
                type: string
                pattern: ^[0-9]+$
              durationNanos:
                type: string
                pattern: ^[0-9]+$
              code:
                description: '`ok`, or how it failed.'
                type: string
            required:
            - name
            - startNanos
            - durationNanos
            - code
            additionalProperties: false
        stepsLeftOut:
          type: integer
          minimum: 0
      required:
      - number
      - transport
      - method
      - object
      - name
      - startedAt
      - durationNanos
      - running
      - code
      - failed
      - error
      - traceparent
      - routine
      - steps
      - stepsLeftOut
      additionalProperties: false
    CallList:
      type: object
      properties:
        calls:
          type: array
          items:
            $ref: '#/components/schemas/Call'
      required:
      - calls
      additionalProperties: false
    CallEvent:
      type: object
      description: One event of the stream of calls; a `gap` has no id.
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{1,8}-[0-9]+$
        event:
          type: string
          enum:
          - call
          - gap
        data:
          type: string
          description: JSON on one line; of a `gap`, `{}`.
          contentMediaType: application/json
          contentSchema:
            anyOf:
            - $ref: '#/components/schemas/Call'
            - $ref: '#/components/schemas/Empty'
      required:
      - event
      - data
      additionalProperties: false
    Problem:
      type: object
      description: An error (RFC 9457).
      properties:
        type:
          type: string
          const: about:blank
        title:
          type: string
          description: The status in words.
        status:
          type: integer
          minimum: 400
          maximum: 599
        detail:
          type: string
          description: Names the object, the cause and what to do.
        instance:
          type: string
          description: The path of the request.
        code:
          type: string
          description: 'The kind of failure: the domain''s words (invalidArgument, notFound, alreadyExists, failedPrecondition, deadlineExceeded, cancelled, resourceExhausted,
            unavailable, permissionDenied, unimplemented, internal) or HTTP''s (ambiguous, malformed, badPath, badHost, badOrigin, noSuchPath, methodNotAllowed, unknownMethod,
            unsupportedMediaType, contentTooLarge, requestTimeout, uriTooLong, unauthorized; http for what the server beneath refuses by itself).'
        candidates:
          type: array
          description: What an ambiguous id may mean; at most 20.
          items:
            type: object
            properties:
              id:
                type: string
              name:
                type: string
            required:
            - id
            - name
            additionalProperties: false
      required:
      - type
      - title
      - status
      - detail
      - instance
      - code
      additionalProperties: false
    Empty:
      type: object
      description: 'Nothing to tell: it is done.'
      additionalProperties: false
    Version:
      type: object
      description: '`VersionResponse`.'
      properties:
        version:
          type: string
        runtimeName:
          type: string
        runtimeVersion:
          type: string
        runtimeApiVersion:
          type: string
      required:
      - version
      - runtimeName
      - runtimeVersion
      - runtimeApiVersion
      additionalProperties: false
    Condition:
      type: object
      description: '`RuntimeCondition`.'
      properties:
        type:
          type: string
        status:
          type: boolean
        reason:
          type: string
        message:
          type: string
      required:
      - type
      - status
      - reason
      - message
      additionalProperties: false
    Info:
      type: object
      description: With `verbose` an entry `info`, with `show=env` an entry `envs`; the text of each is JSON.
      additionalProperties:
        type: string
      examples:
      - info: '{"id":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","size":"4496132"}'
    Status:
      type: object
      description: '`StatusResponse`.'
      properties:
        status:
          type: object
          properties:
            conditions:
              type: array
              items:
                $ref: '#/components/schemas/Condition'
          required:
          - conditions
          additionalProperties: false
        info:
          $ref: '#/components/schemas/Info'
        runtimeHandlers:
          type: array
          items:
            type: object
            properties:
              name:
                type: string
              features:
                type: object
                properties:
                  recursiveReadOnlyMounts:
                    type: boolean
                  userNamespaces:
                    type: boolean
                required:
                - recursiveReadOnlyMounts
                - userNamespaces
                additionalProperties: false
            required:
            - name
            - features
            additionalProperties: false
        features:
          type: object
          properties:
            supplementalGroupsPolicy:
              type: boolean
            userNamespacesHostNetwork:
              type: boolean
            mountOptions:
              type: boolean
          required:
          - supplementalGroupsPolicy
          - userNamespacesHostNetwork
          - mountOptions
          additionalProperties: false
      required:
      - status
      - info
      - runtimeHandlers
      - features
      additionalProperties: false
    RuntimeConfig:
      type: object
      description: '`RuntimeConfigResponse`.'
      properties:
        linux:
          type: object
          properties:
            cgroupDriver:
              type: string
              enum:
              - SYSTEMD
              - CGROUPFS
          required:
          - cgroupDriver
          additionalProperties: false
      required:
      - linux
      additionalProperties: false
    UpdateRuntimeConfig:
      type: object
      description: '`UpdateRuntimeConfigRequest`.'
      properties:
        runtimeConfig:
          type:
          - object
          - 'null'
          properties:
            networkConfig:
              type:
              - object
              - 'null'
              properties:
                podCidr:
                  type:
                  - string
                  - 'null'
                  description: 'One range, or two with a comma: `10.244.0.0/24`.'
                  maxLength: 100
                  pattern: ^([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}/(1[0-9]|[0-9]))?$
              additionalProperties: false
          additionalProperties: false
      additionalProperties: false
    PodMetadata:
      type: object
      description: '`PodSandboxMetadata`.'
      properties:
        name:
          type: string
        uid:
          type: string
        namespace:
          type: string
        attempt:
          type: integer
      required:
      - name
      - uid
      - namespace
      - attempt
      additionalProperties: false
    IDMapping:
      type: object
      properties:
        hostId:
          type: integer
        containerId:
          type: integer
        length:
          type: integer
      required:
      - hostId
      - containerId
      - length
      additionalProperties: false
    Namespaces:
      type: object
      description: '`NamespaceOption`.'
      properties:
        network:
          type: string
          enum:
          - POD
          - NODE
        pid:
          type: string
          enum:
          - POD
          - CONTAINER
          - NODE
          - TARGET
        ipc:
          type: string
          enum:
          - POD
          - NODE
        targetId:
          type: string
        usernsOptions:
          type: object
          properties:
            mode:
              type: string
            uids:
              type: array
              items:
                $ref: '#/components/schemas/IDMapping'
            gids:
              type: array
              items:
                $ref: '#/components/schemas/IDMapping'
          required:
          - mode
          - uids
          - gids
          additionalProperties: false
      required:
      - network
      - pid
      - ipc
      additionalProperties: false
    Pod:
      type: object
      description: '`PodSandbox`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/PodMetadata'
        state:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        runtimeHandler:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - labels
      - annotations
      - runtimeHandler
      additionalProperties: false
    PodStatus:
      type: object
      description: '`PodSandboxStatus`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/PodMetadata'
        state:
          type: string
          enum:
          - SANDBOX_READY
          - SANDBOX_NOTREADY
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        network:
          type: object
          properties:
            ip:
              type: string
            additionalIps:
              type: array
              items:
                type: object
                properties:
                  ip:
                    type: string
                required:
                - ip
                additionalProperties: false
          required:
          - ip
          - additionalIps
          additionalProperties: false
        linux:
          type: object
          properties:
            namespaces:
              type: object
              properties:
                options:
                  $ref: '#/components/schemas/Namespaces'
              required:
              - options
              additionalProperties: false
          required:
          - namespaces
          additionalProperties: false
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        runtimeHandler:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - network
      - linux
      - labels
      - annotations
      - runtimeHandler
      additionalProperties: false
    PodStatusResponse:
      type: object
      description: '`PodSandboxStatusResponse`. In a verbose list without the containers and the time.'
      properties:
        status:
          $ref: '#/components/schemas/PodStatus'
        info:
          $ref: '#/components/schemas/Info'
        containersStatuses:
          type: array
          items:
            $ref: '#/components/schemas/ContainerStatus'
        timestamp:
          description: When it was read, a 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^[0-9]+$
      required:
      - status
      - info
      additionalProperties: false
    PodList:
      type: object
      description: '`ListPodSandboxResponse`.'
      properties:
        items:
          type: array
          items:
            anyOf:
            - $ref: '#/components/schemas/Pod'
            - $ref: '#/components/schemas/PodStatusResponse'
          description: The newest first. With `verbose`, each as its own status would be.
      required:
      - items
      additionalProperties: false
    ContainerMetadata:
      type: object
      properties:
        name:
          type: string
        attempt:
          type: integer
          description: How often it was restarted.
      required:
      - name
      - attempt
      additionalProperties: false
    ImageSpec:
      type: object
      properties:
        image:
          type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        userSpecifiedImage:
          type: string
        runtimeHandler:
          type: string
        imageRef:
          type: string
      required:
      - image
      - annotations
      - userSpecifiedImage
      - runtimeHandler
      - imageRef
      additionalProperties: false
    Container:
      type: object
      description: '`Container`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        podSandboxId:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/ContainerMetadata'
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageRef:
          type: string
        state:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        imageId:
          type: string
      required:
      - id
      - podSandboxId
      - metadata
      - image
      - imageRef
      - state
      - createdAt
      - labels
      - annotations
      - imageId
      additionalProperties: false
    Mount:
      type: object
      properties:
        containerPath:
          type: string
        hostPath:
          type: string
        readonly:
          type: boolean
        selinuxRelabel:
          type: boolean
        propagation:
          type: string
          enum:
          - PROPAGATION_PRIVATE
          - PROPAGATION_HOST_TO_CONTAINER
          - PROPAGATION_BIDIRECTIONAL
        uidMappings:
          type: array
          items:
            $ref: '#/components/schemas/IDMapping'
        gidMappings:
          type: array
          items:
            $ref: '#/components/schemas/IDMapping'
        recursiveReadOnly:
          type: boolean
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageSubPath:
          type: string
        mountOptions:
          type: array
          items:
            type: string
      required:
      - containerPath
      - hostPath
      - readonly
      - selinuxRelabel
      - propagation
      - uidMappings
      - gidMappings
      - recursiveReadOnly
      - imageSubPath
      - mountOptions
      additionalProperties: false
    LinuxResources:
      type: object
      properties:
        cpuPeriod:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpuQuota:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpuShares:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        memoryLimitInBytes:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        oomScoreAdj:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        cpusetCpus:
          type: string
        cpusetMems:
          type: string
        hugepageLimits:
          type: array
          items:
            type: object
            properties:
              pageSize:
                type: string
              limit:
                description: A 64-bit number, in quotes (protobuf's JSON mapping).
                type: string
                pattern: ^-?[0-9]+$
            required:
            - pageSize
            - limit
            additionalProperties: false
        unified:
          type: object
          additionalProperties:
            type: string
        memorySwapLimitInBytes:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
      required:
      - cpuPeriod
      - cpuQuota
      - cpuShares
      - memoryLimitInBytes
      - oomScoreAdj
      - cpusetCpus
      - cpusetMems
      - hugepageLimits
      - unified
      - memorySwapLimitInBytes
      additionalProperties: false
    ContainerStatus:
      type: object
      description: '`ContainerStatus`.'
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{64}$
        metadata:
          $ref: '#/components/schemas/ContainerMetadata'
        state:
          type: string
          enum:
          - CONTAINER_CREATED
          - CONTAINER_RUNNING
          - CONTAINER_EXITED
          - CONTAINER_UNKNOWN
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        startedAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        finishedAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        exitCode:
          type: integer
        image:
          $ref: '#/components/schemas/ImageSpec'
        imageRef:
          type: string
        reason:
          type: string
        message:
          type: string
        labels:
          type: object
          additionalProperties:
            type: string
        annotations:
          type: object
          additionalProperties:
            type: string
        mounts:
          type: array
          items:
            $ref: '#/components/schemas/Mount'
        logPath:
          type: string
        resources:
          type: object
          properties:
            linux:
              $ref: '#/components/schemas/LinuxResources'
          required:
          - linux
          additionalProperties: false
        imageId:
          type: string
        user:
          type: object
          properties:
            linux:
              type: object
              properties:
                uid:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
                gid:
                  description: A 64-bit number, in quotes (protobuf's JSON mapping).
                  type: string
                  pattern: ^-?[0-9]+$
                supplementalGroups:
                  type: array
                  items:
                    description: A 64-bit number, in quotes (protobuf's JSON mapping).
                    type: string
                    pattern: ^-?[0-9]+$
              required:
              - uid
              - gid
              - supplementalGroups
              additionalProperties: false
          required:
          - linux
          additionalProperties: false
        stopSignal:
          type: string
      required:
      - id
      - metadata
      - state
      - createdAt
      - startedAt
      - finishedAt
      - exitCode
      - image
      - imageRef
      - reason
      - message
      - labels
      - annotations
      - mounts
      - logPath
      - imageId
      - stopSignal
      additionalProperties: false
    ContainerStatusResponse:
      type: object
      description: '`ContainerStatusResponse`.'
      properties:
        status:
          $ref: '#/components/schemas/ContainerStatus'
        info:
          $ref: '#/components/schemas/Info'
      required:
      - status
      - info
      additionalProperties: false
    ContainerList:
      type: object
      description: '`ListContainersResponse`.'
      properties:
        containers:
          type: array
          description: The newest first. With `verbose`, each with its status.
          items:
            anyOf:
            - $ref: '#/components/schemas/Container'
            - type: object
              properties:
                podSandboxId:
                  type: string
                  pattern: ^[0-9a-f]{64}$
                status:
                  $ref: '#/components/schemas/ContainerStatus'
                info:
                  $ref: '#/components/schemas/Info'
              required:
              - podSandboxId
              - status
              - info
              additionalProperties: false
      required:
      - containers
      additionalProperties: false
    Image:
      type: object
      description: '`Image`.'
      properties:
        id:
          type: string
        repoTags:
          type: array
          items:
            type: string
        repoDigests:
          type: array
          items:
            type: string
        size:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        uid:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        username:
          type: string
        spec:
          $ref: '#/components/schemas/ImageSpec'
        pinned:
          type: boolean
      required:
      - id
      - repoTags
      - repoDigests
      - size
      - username
      - spec
      - pinned
      additionalProperties: false
    ImageList:
      type: object
      description: '`ListImagesResponse`.'
      properties:
        images:
          type: array
          items:
            $ref: '#/components/schemas/Image'
      required:
      - images
      additionalProperties: false
    ImageStatus:
      type: object
      description: '`ImageStatusResponse`.'
      properties:
        image:
          $ref: '#/components/schemas/Image'
        info:
          $ref: '#/components/schemas/Info'
      required:
      - image
      - info
      additionalProperties: false
    FilesystemUsage:
      type: object
      properties:
        timestamp:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        fsId:
          type: object
          properties:
            mountpoint:
              type: string
          required:
          - mountpoint
          additionalProperties: false
        usedBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        inodesUsed:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
      required:
      - timestamp
      - fsId
      - usedBytes
      - inodesUsed
      additionalProperties: false
    ImageFsInfo:
      type: object
      description: '`ImageFsInfoResponse`.'
      properties:
        imageFilesystems:
          type: array
          items:
            $ref: '#/components/schemas/FilesystemUsage'
        containerFilesystems:
          type: array
          items:
            $ref: '#/components/schemas/FilesystemUsage'
      required:
      - imageFilesystems
      - containerFilesystems
      additionalProperties: false
    ContainerStats:
      type: object
      description: '`ContainerStats`. What the kernel does not count is left out; `usageNanoCores` is there from the second reading on.'
      properties:
        attributes:
          type: object
          properties:
            id:
              type: string
              pattern: ^[0-9a-f]{64}$
            metadata:
              $ref: '#/components/schemas/ContainerMetadata'
            labels:
              type: object
              additionalProperties:
                type: string
            annotations:
              type: object
              additionalProperties:
                type: string
          required:
          - id
          - metadata
          - labels
          - annotations
          additionalProperties: false
        cpu:
          $ref: '#/components/schemas/CPUUsage'
        memory:
          $ref: '#/components/schemas/MemoryUsage'
      required:
      - attributes
      additionalProperties: false
    CPUUsage:
      type: object
      properties:
        timestamp:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        usageCoreNanoSeconds:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        usageNanoCores:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
      required:
      - timestamp
      - usageCoreNanoSeconds
      additionalProperties: false
    MemoryUsage:
      type: object
      properties:
        timestamp:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        workingSetBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        availableBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        usageBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        rssBytes:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        pageFaults:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
        majorPageFaults:
          type: object
          properties:
            value:
              description: A 64-bit number, in quotes (protobuf's JSON mapping).
              type: string
              pattern: ^-?[0-9]+$
          required:
          - value
          additionalProperties: false
      required:
      - timestamp
      - workingSetBytes
      - usageBytes
      - rssBytes
      - pageFaults
      - majorPageFaults
      additionalProperties: false
    PodStats:
      type: object
      description: '`PodSandboxStatsResponse`.'
      properties:
        stats:
          $ref: '#/components/schemas/PodSandboxStats'
      required:
      - stats
      additionalProperties: false
    PodSandboxStats:
      type: object
      description: What the kernel does not count here is left out.
      properties:
        attributes:
          type: object
          properties:
            id:
              type: string
              pattern: ^[0-9a-f]{64}$
            metadata:
              $ref: '#/components/schemas/PodMetadata'
            labels:
              type: object
              additionalProperties:
                type: string
            annotations:
              type: object
              additionalProperties:
                type: string
          required:
          - id
          - metadata
          - labels
          - annotations
          additionalProperties: false
        linux:
          type: object
          properties:
            cpu:
              $ref: '#/components/schemas/CPUUsage'
            memory:
              $ref: '#/components/schemas/MemoryUsage'
            network:
              description: Without the host's network, and while a container runs.
              type: object
              properties:
                timestamp:
                  description: Nanoseconds since the epoch.
                  type: string
                  pattern: ^-?[0-9]+$
                defaultInterface:
                  $ref: '#/components/schemas/InterfaceUsage'
                interfaces:
                  description: The others.
                  type: array
                  maxItems: 64
                  items:
                    $ref: '#/components/schemas/InterfaceUsage'
              required:
              - timestamp
              - defaultInterface
              - interfaces
              additionalProperties: false
            process:
              type: object
              properties:
                timestamp:
                  description: Nanoseconds since the epoch.
                  type: string
                  pattern: ^-?[0-9]+$
                processCount:
                  $ref: '#/components/schemas/UInt64Value'
              required:
              - timestamp
              - processCount
              additionalProperties: false
            containers:
              description: Those that run.
              type: array
              items:
                $ref: '#/components/schemas/ContainerStats'
          required:
          - containers
          additionalProperties: false
      required:
      - attributes
      - linux
      additionalProperties: false
    InterfaceUsage:
      type: object
      properties:
        name:
          type: string
        rxBytes:
          $ref: '#/components/schemas/UInt64Value'
        rxErrors:
          $ref: '#/components/schemas/UInt64Value'
        txBytes:
          $ref: '#/components/schemas/UInt64Value'
        txErrors:
          $ref: '#/components/schemas/UInt64Value'
      required:
      - name
      - rxBytes
      - rxErrors
      - txBytes
      - txErrors
      additionalProperties: false
    UInt64Value:
      type: object
      properties:
        value:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^[0-9]+$
      required:
      - value
      additionalProperties: false
    StatsHistory:
      type: object
      properties:
        series:
          type: array
          items:
            type: object
            properties:
              id:
                type: string
                pattern: ^[0-9a-f]{64}$
              points:
                type: array
                maxItems: 60
                items:
                  type: object
                  properties:
                    timestamp:
                      description: Nanoseconds since the epoch.
                      type: string
                      pattern: ^-?[0-9]+$
                    usageNanoCores:
                      description: Nanoseconds of CPU time per second since the point before; not with the first one.
                      type: string
                      pattern: ^[0-9]+$
                    workingSetBytes:
                      type: string
                      pattern: ^[0-9]+$
                  required:
                  - timestamp
                  additionalProperties: false
            required:
            - id
            - points
            additionalProperties: false
      required:
      - series
      additionalProperties: false
    StatsList:
      type: object
      description: '`ListContainerStatsResponse`: those that run.'
      properties:
        stats:
          type: array
          items:
            $ref: '#/components/schemas/ContainerStats'
      required:
      - stats
      additionalProperties: false
    Stats:
      type: object
      description: '`ContainerStatsResponse`.'
      properties:
        stats:
          $ref: '#/components/schemas/ContainerStats'
      required:
      - stats
      additionalProperties: false
    PodCreated:
      type: object
      description: '`RunPodSandboxResponse`.'
      properties:
        podSandboxId:
          type: string
          pattern: ^[0-9a-f]{64}$
      required:
      - podSandboxId
      additionalProperties: false
    ContainerCreated:
      type: object
      description: '`CreateContainerResponse`.'
      properties:
        containerId:
          type: string
          pattern: ^[0-9a-f]{64}$
      required:
      - containerId
      additionalProperties: false
    Pulled:
      type: object
      description: '`PullImageResponse`.'
      properties:
        imageRef:
          type: string
      required:
      - imageRef
      additionalProperties: false
    PullLine:
      description: One line of a pull that tells how it goes.
      oneOf:
      - type: object
        properties:
          status:
            type: string
            const: pulling
          image:
            type: string
          elapsedSeconds:
            type: integer
          phase:
            type: string
            enum:
            - resolving
            - downloading
            - unpacking
          bytes:
            type: string
            pattern: ^[0-9]+$
            description: Downloaded so far, compressed.
          totalBytes:
            type: string
            pattern: ^[0-9]+$
            description: To download.
          layers:
            type: integer
            description: Unpacked so far.
          totalLayers:
            type: integer
            description: To unpack.
        required:
        - status
        - image
        - elapsedSeconds
        additionalProperties: false
      - type: object
        properties:
          status:
            type: string
            const: pulled
          imageRef:
            type: string
        required:
        - status
        - imageRef
        additionalProperties: false
      - type: object
        properties:
          status:
            type: string
            const: failed
          problem:
            $ref: '#/components/schemas/Problem'
        required:
        - status
        - problem
        additionalProperties: false
    Readiness:
      type: object
      properties:
        ready:
          type: boolean
        reasons:
          type: array
          items:
            $ref: '#/components/schemas/Condition'
      required:
      - ready
      - reasons
      additionalProperties: false
    ExecResult:
      type: object
      description: '`ExecSyncResponse`. Output is base64, at most 16 MiB of it.'
      properties:
        stdout:
          type: string
          format: byte
        stderr:
          type: string
          format: byte
        exitCode:
          type: integer
      required:
      - stdout
      - stderr
      - exitCode
      additionalProperties: false
    ContainerEvent:
      type: object
      description: '`ContainerEventResponse`: the data of a server-sent event.'
      properties:
        containerId:
          type: string
          description: Of the container, or of the pod for a pod's own event.
        containerEventType:
          type: string
          enum:
          - CONTAINER_CREATED_EVENT
          - CONTAINER_STARTED_EVENT
          - CONTAINER_STOPPED_EVENT
          - CONTAINER_DELETED_EVENT
        createdAt:
          description: A 64-bit number, in quotes (protobuf's JSON mapping).
          type: string
          pattern: ^-?[0-9]+$
        podSandboxStatus:
          $ref: '#/components/schemas/PodStatus'
        containersStatuses:
          type: array
          items:
            $ref: '#/components/schemas/ContainerStatus'
      required:
      - containerId
      - containerEventType
      - createdAt
      - containersStatuses
      additionalProperties: false
    ServerSentEvent:
      type: object
      description: One event of a stream of server-sent events.
      properties:
        id:
          type: string
          pattern: ^[0-9a-f]{1,8}-[0-9]+$
        event:
          type: string
          enum:
          - CONTAINER_CREATED_EVENT
          - CONTAINER_STARTED_EVENT
          - CONTAINER_STOPPED_EVENT
          - CONTAINER_DELETED_EVENT
          - gap
        data:
          type: string
          description: JSON on one line; of a `gap`, `{}`.
          contentMediaType: application/json
          contentSchema:
            anyOf:
            - $ref: '#/components/schemas/ContainerEvent'
            - $ref: '#/components/schemas/Empty'
      required:
      - id
      - event
      - data
      additionalProperties: false
    ExecRequest:
      type: object
      description: '`ExecSyncRequest`.'
      properties:
        cmd:
          type: array
          minItems: 1
          prefixItems:
          - type: string
            minLength: 1
            pattern: ^[^\x00]*$
          items:
            type: string
            pattern: ^[^\x00]*$
          description: The program and its arguments; no shell.
        timeout:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 9223372036854775807
          - type: string
            pattern: ^(0|[1-9][0-9]{0,17})$
          - type: 'null'
          description: Seconds; 0 or nothing for none. Past it the whole process tree is dead.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      required:
      - cmd
      additionalProperties: false
    ExecSessionRequest:
      type: object
      description: '`ExecRequest`. At least one of the streams.'
      properties:
        cmd:
          type: array
          minItems: 1
          prefixItems:
          - type: string
            minLength: 1
            pattern: ^[^\x00]*$
          items:
            type: string
            pattern: ^[^\x00]*$
          description: The program and its arguments; no shell.
        stdin:
          type:
          - boolean
          - 'null'
          description: Channel 0.
        stdout:
          type:
          - boolean
          - 'null'
          description: Channel 1.
        stderr:
          type:
          - boolean
          - 'null'
          description: Channel 2; not with a terminal, which has one output.
        tty:
          type:
          - boolean
          - 'null'
          description: A terminal.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      required:
      - cmd
      additionalProperties: false
    AttachRequest:
      type: object
      description: At least one of the streams.
      properties:
        stdin:
          type:
          - boolean
          - 'null'
          description: Channel 0.
        stdout:
          type:
          - boolean
          - 'null'
          description: Channel 1.
        stderr:
          type:
          - boolean
          - 'null'
          description: Channel 2; not with a terminal, which has one output.
        tty:
          type:
          - boolean
          - 'null'
          description: A terminal.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      additionalProperties: false
    PortForwardRequest:
      type: object
      properties:
        port:
          type: array
          minItems: 1
          maxItems: 128
          items:
            anyOf:
            - type: integer
              minimum: 1
              maximum: 65535
            - type: string
              pattern: ^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3})$
        podSandboxId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      required:
      - port
      additionalProperties: false
    SessionTicket:
      type: object
      properties:
        ticket:
          description: 'A subprotocol of the WebSocket at `/v1/sessions`: 128 random bits that stand for the token.'
          type: string
          pattern: ^ticket\.rktlet\.[0-9a-f]{32}$
      required:
      - ticket
      additionalProperties: false
    StopRequest:
      type: object
      description: '`StopContainerRequest`.'
      properties:
        timeout:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 9223372036854775807
          - type: string
            pattern: ^(0|[1-9][0-9]{0,17})$
          - type: 'null'
          description: Seconds of grace, then SIGKILL; 10 when nothing is said.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      additionalProperties: false
    ContainerResourcesRequest:
      type: object
      description: '`UpdateContainerResourcesRequest`.'
      properties:
        linux:
          $ref: '#/components/schemas/ResourcesInput'
        annotations:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
          description: Not used.
        windows:
          type: 'null'
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      additionalProperties: false
      required:
      - linux
    CheckpointRequest:
      type: object
      description: '`CheckpointContainerRequest`.'
      properties:
        location:
          type: string
          minLength: 1
          maxLength: 4095
          pattern: ^/[^\x00]*$
          description: Where to write it, an absolute path; a file that is there is replaced.
        timeout:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 9223372036854775807
          - type: string
            pattern: ^(0|[1-9][0-9]{0,17})$
          - type: 'null'
          description: Seconds; 0 or nothing for two minutes.
        containerId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      additionalProperties: false
      required:
      - location
    PodResourcesRequest:
      type: object
      description: '`UpdatePodSandboxResourcesRequest`.'
      properties:
        resources:
          anyOf:
          - $ref: '#/components/schemas/ResourcesInput'
          - type: 'null'
        overhead:
          anyOf:
          - $ref: '#/components/schemas/ResourcesInput'
          - type: 'null'
        podSandboxId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
      additionalProperties: false
    ImageSpecInput:
      type: object
      description: '`ImageSpec`.'
      properties:
        image:
          type: string
          pattern: ^(?=([^:@]|:[0-9]+/){0,237}([:@]|$))((((localhost|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*:[1-9][0-9]{0,3})/)|(?![^/:@]*\.[^/:@]*/))[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*(/[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*)*(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@sha256:[0-9a-f]{64})?|(sha256:)?[0-9a-f]{1,64})$
          maxLength: 1024
          description: A reference or an id; completed as Docker does, a name has at most 255 bytes.
        annotations:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
        userSpecifiedImage:
          type:
          - string
          - 'null'
          pattern: ^[^\x00-\x1f\x7f]*$
        runtimeHandler:
          type:
          - string
          - 'null'
        imageRef:
          type:
          - string
          - 'null'
      required:
      - image
      additionalProperties: false
    PullRequest:
      type: object
      description: '`PullImageRequest`.'
      properties:
        image:
          $ref: '#/components/schemas/ImageSpecInput'
        auth:
          type:
          - object
          - 'null'
          description: '`AuthConfig`.'
          properties:
            username:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00-\x1f\x7f]*$
            password:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00]*$
            auth:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00-\x1f\x7f]*$
            serverAddress:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00-\x1f\x7f]*$
            identityToken:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00-\x1f\x7f]*$
            registryToken:
              type:
              - string
              - 'null'
              writeOnly: true
              pattern: ^[^\x00-\x1f\x7f]*$
          additionalProperties: false
        sandboxConfig:
          type:
          - object
          - 'null'
          description: Not needed; accepted as the CRI has it.
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            $ref: '#/components/schemas/AnyValue'
      required:
      - image
      additionalProperties: false
    IDMappingInput:
      type: object
      description: '`IDMapping`. It ends at the last id.'
      properties:
        hostId:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 4294967294
          - type: string
            pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-4]))))))))))$
          - type: 'null'
        containerId:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 4294967294
          - type: string
            pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-4]))))))))))$
          - type: 'null'
        length:
          anyOf:
          - type: integer
            minimum: 1
            maximum: 4294967295
          - type: string
            pattern: ^([1-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-5]))))))))))$
      additionalProperties: false
      required:
      - length
    NamespacesInput:
      type: object
      description: '`NamespaceOption`. Enums may also be given by their number.'
      properties:
        network:
          anyOf:
          - type: string
            enum:
            - POD
            - NODE
          - type: integer
            enum:
            - 0
            - 2
          - type: 'null'
        pid:
          anyOf:
          - type: string
            enum:
            - POD
            - CONTAINER
            - NODE
            - TARGET
          - type: integer
            minimum: 0
            maximum: 3
          - type: 'null'
        ipc:
          anyOf:
          - type: string
            enum:
            - POD
            - NODE
          - type: integer
            enum:
            - 0
            - 2
          - type: 'null'
        targetId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: The container of pid TARGET, and only of that.
        usernsOptions:
          type:
          - object
          - 'null'
          properties:
            mode:
              anyOf:
              - type: string
                enum:
                - POD
                - NODE
              - type: integer
                enum:
                - 0
                - 2
              - type: 'null'
            uids:
              type:
              - array
              - 'null'
              items:
                $ref: '#/components/schemas/IDMappingInput'
              maxItems: 340
            gids:
              type:
              - array
              - 'null'
              items:
                $ref: '#/components/schemas/IDMappingInput'
              maxItems: 340
          additionalProperties: false
          description: POD needs uids and gids, of which one maps id 0 of the container; NODE takes none.
      additionalProperties: false
    SELinux:
      type: object
      description: '`SELinuxOption`.'
      properties:
        user:
          type:
          - string
          - 'null'
          pattern: ^[^\x00-\x1f\x7f]*$
        role:
          type:
          - string
          - 'null'
          pattern: ^[^\x00-\x1f\x7f]*$
        type:
          type:
          - string
          - 'null'
          pattern: ^[^\x00-\x1f\x7f]*$
        level:
          type:
          - string
          - 'null'
          pattern: ^[^\x00-\x1f\x7f]*$
      additionalProperties: false
    SecurityProfile:
      type: object
      description: '`SecurityProfile`.'
      properties:
        profileType:
          anyOf:
          - type: string
            enum:
            - RuntimeDefault
            - Unconfined
            - Localhost
          - type: integer
            minimum: 0
            maximum: 2
          - type: 'null'
        localhostRef:
          type:
          - string
          - 'null'
          pattern: ^[^\x00]*$
          description: For Localhost, and only for that.
      additionalProperties: false
    ResourcesInput:
      type: object
      description: '`LinuxContainerResources`.'
      properties:
        cpuPeriod:
          anyOf:
          - type: integer
            const: 0
          - type: integer
            minimum: 1000
            maximum: 1000000
          - type: string
            pattern: ^(0|[1-9][0-9]{3,5}|1000000)$
          - type: 'null'
          description: Microseconds, 1000 to 1000000; 0 for the default.
        cpuQuota:
          anyOf:
          - type: integer
            enum:
            - -1
            - 0
          - type: integer
            minimum: 1000
            maximum: 17592186044415
          - type: string
            pattern: ^(-1|0|[1-9][0-9]{3,12})$
          - type: 'null'
          description: Microseconds per period; -1 or 0 for none.
        cpuShares:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 262144
          - type: string
            pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|(1[0-9]{5}|2([0-5][0-9]{4}|6([0-1][0-9]{3}|2(0[0-9]{2}|1([0-3][0-9]|4[0-4]))))))$
          - type: 'null'
        memoryLimitInBytes:
          anyOf:
          - type: integer
            minimum: -1
            maximum: 9223372036854775807
          - type: string
            pattern: ^(-1|0|[1-9][0-9]{0,17})$
          - type: 'null'
        oomScoreAdj:
          anyOf:
          - type: integer
            minimum: -1000
            maximum: 1000
          - type: string
            pattern: ^(-?[1-9][0-9]{0,2}|-?1000|0)$
          - type: 'null'
          description: -1000 to 1000.
        cpusetCpus:
          type:
          - string
          - 'null'
          pattern: ^([0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*)?$
          description: A list such as `0-3,7`.
        cpusetMems:
          type:
          - string
          - 'null'
          pattern: ^([0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*)?$
          description: A list such as `0-3,7`.
        hugepageLimits:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              pageSize:
                type: string
                pattern: ^[0-9]+(KB|MB|GB)$
                description: '`2MB`.'
              limit:
                anyOf:
                - type: integer
                  minimum: 0
                  maximum: 9223372036854775807
                - type: string
                  pattern: ^(0|[1-9][0-9]{0,17})$
                - type: 'null'
            additionalProperties: false
            required:
            - pageSize
        unified:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^(?!cgroup\.)[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*$
          additionalProperties:
            type: string
            pattern: ^[^\x00]*$
          description: Files of cgroup controllers, such as `memory.high`.
        memorySwapLimitInBytes:
          anyOf:
          - type: integer
            minimum: -1
            maximum: 9223372036854775807
          - type: string
            pattern: ^(-1|0|[1-9][0-9]{0,17})$
          - type: 'null'
          description: 'Memory and swap together: not below the memory limit, and not without one.'
      additionalProperties: false
    PodConfig:
      type: object
      description: '`PodSandboxConfig`, as in crictl''s pod-config.json.'
      properties:
        metadata:
          type: object
          description: '`PodSandboxMetadata`: two live pods never share it.'
          properties:
            name:
              type: string
              pattern: ^[!-.0-:<>-~]{1,253}$
            uid:
              type: string
              pattern: ^[!-.0-:<>-~]{1,253}$
            namespace:
              type: string
              pattern: ^[!-.0-:<>-~]{1,253}$
            attempt: &id001
              anyOf:
              - type: integer
                minimum: 0
                maximum: 4294967295
              - type: string
                pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-5]))))))))))$
              - type: 'null'
          required:
          - name
          - uid
          - namespace
          additionalProperties: false
        hostname:
          type:
          - string
          - 'null'
          pattern: ^[A-Za-z0-9._-]{0,64}$
        logDirectory:
          type:
          - string
          - 'null'
          pattern: ^(/[^\x00]*)?$
          maxLength: 4095
          description: Absolute.
        dnsConfig:
          type:
          - object
          - 'null'
          description: '`DNSConfig`.'
          properties:
            servers:
              type:
              - array
              - 'null'
              items:
                anyOf:
                - type: string
                  format: ipv4
                - type: string
                  format: ipv6
                - type: string
                  pattern: ^fe80::[0-9a-f]{1,4}%[A-Za-z0-9._-]{1,15}$
            searches:
              type:
              - array
              - 'null'
              items:
                type: string
                pattern: ^[^\x00-\x20\x7f]+$
            options:
              type:
              - array
              - 'null'
              items:
                type: string
                pattern: ^[^\x00-\x20\x7f]+$
          additionalProperties: false
        portMappings:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              protocol:
                anyOf:
                - type: string
                  enum:
                  - TCP
                  - UDP
                  - SCTP
                - type: integer
                  minimum: 0
                  maximum: 2
                - type: 'null'
              containerPort:
                anyOf:
                - type: integer
                  minimum: 1
                  maximum: 65535
                - type: string
                  pattern: ^([1-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|([1-5][0-9]{4}|6([0-4][0-9]{3}|5([0-4][0-9]{2}|5([0-2][0-9]|3[0-5])))))$
              hostPort:
                anyOf:
                - type: integer
                  minimum: 0
                  maximum: 65535
                - type: string
                  pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|([1-5][0-9]{4}|6([0-4][0-9]{3}|5([0-4][0-9]{2}|5([0-2][0-9]|3[0-5])))))$
                - type: 'null'
              hostIp:
                anyOf:
                - type: string
                  format: ipv4
                - type: string
                  format: ipv6
                - type: string
                  const: ''
                - type: 'null'
            required:
            - containerPort
            additionalProperties: false
        labels:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
        annotations:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
        linux:
          type:
          - object
          - 'null'
          description: '`LinuxPodSandboxConfig`.'
          properties:
            cgroupParent:
              type:
              - string
              - 'null'
              pattern: ^[^\x00-\x1f\x7f]*$
              description: A systemd slice, by its name or its path.
            securityContext:
              type:
              - object
              - 'null'
              description: '`LinuxSandboxSecurityContext`.'
              properties:
                namespaceOptions:
                  anyOf:
                  - $ref: '#/components/schemas/NamespacesInput'
                  - type: 'null'
                selinuxOptions:
                  anyOf:
                  - $ref: '#/components/schemas/SELinux'
                  - type: 'null'
                runAsUser:
                  anyOf:
                  - $ref: '#/components/schemas/UserOrGroupID'
                  - type: 'null'
                runAsGroup:
                  anyOf:
                  - $ref: '#/components/schemas/UserOrGroupID'
                  - type: 'null'
                  description: Needs runAsUser.
                readonlyRootfs:
                  type:
                  - boolean
                  - 'null'
                supplementalGroups:
                  type:
                  - array
                  - 'null'
                  items:
                    anyOf:
                    - type: integer
                      minimum: 0
                      maximum: 4294967294
                    - type: string
                      pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-4]))))))))))$
                supplementalGroupsPolicy:
                  anyOf:
                  - type: string
                    enum:
                    - Merge
                    - Strict
                  - type: integer
                    minimum: 0
                    maximum: 1
                  - type: 'null'
                privileged:
                  type:
                  - boolean
                  - 'null'
                seccomp:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmor:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                seccompProfilePath:
                  type:
                  - string
                  - 'null'
                  pattern: ^(runtime/default|docker/default|unconfined|localhost//[^\x00]*)?$
                  maxLength: 4095
              additionalProperties: false
            sysctls:
              type:
              - object
              - 'null'
              description: Those that belong to a namespace of the pod.
              propertyNames:
                maxLength: 253
                pattern: ^(net[./][A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)*|fs[./]mqueue[./][A-Za-z0-9_-]+|kernel[./](msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$
              additionalProperties:
                type: string
                pattern: ^[^\x00-\x1f\x7f]*$
            overhead:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
            resources:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
            namespaces:
              type:
              - object
              - 'null'
              description: Is of the status; crictl's samples have it here, with nothing in it.
              properties:
                options:
                  type:
                  - object
                  - 'null'
                  maxProperties: 0
              additionalProperties: false
          additionalProperties: false
      required:
      - metadata
      additionalProperties: false
    RunPodRequest:
      type: object
      description: '`RunPodSandboxRequest`.'
      properties:
        config:
          $ref: '#/components/schemas/PodConfig'
        runtimeHandler:
          type:
          - string
          - 'null'
      required:
      - config
      additionalProperties: false
    ContainerConfig:
      type: object
      description: '`ContainerConfig`, as in crictl''s container-config.json.'
      properties:
        metadata:
          type: object
          description: '`ContainerMetadata`.'
          properties:
            name:
              type: string
              pattern: ^[!-.0-:<>-~]{1,253}$
            attempt: *id001
          required:
          - name
          additionalProperties: false
        image:
          $ref: '#/components/schemas/ImageSpecInput'
        command:
          type:
          - array
          - 'null'
          items:
            type: string
            pattern: ^[^\x00]*$
        args:
          type:
          - array
          - 'null'
          items:
            type: string
            pattern: ^[^\x00]*$
        workingDir:
          type:
          - string
          - 'null'
          pattern: ^(/[^\x00]*)?$
          maxLength: 4095
          description: Absolute.
        envs:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              key:
                type: string
                minLength: 1
                pattern: ^[^=\x00]+$
              value:
                type:
                - string
                - 'null'
                pattern: ^[^\x00]*$
                description: Plain text, as the CRI's Go API and crictl have it.
              valueBase64:
                type:
                - string
                - 'null'
                format: byte
                description: 'In the place of `value`: its bytes in base64. What is not UTF-8 is refused: it cannot be passed on to the container.'
            required:
            - key
            additionalProperties: false
        mounts:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              containerPath:
                type: string
                pattern: ^/[^\x00]*$
                maxLength: 4095
              hostPath:
                type:
                - string
                - 'null'
                pattern: ^(/[^\x00]*)?$
                maxLength: 4095
                description: Absolute; or image is given.
              readonly:
                type:
                - boolean
                - 'null'
              selinuxRelabel:
                type:
                - boolean
                - 'null'
              propagation:
                anyOf:
                - type: string
                  enum:
                  - PROPAGATION_PRIVATE
                  - PROPAGATION_HOST_TO_CONTAINER
                  - PROPAGATION_BIDIRECTIONAL
                - type: integer
                  minimum: 0
                  maximum: 2
                - type: 'null'
              uidMappings:
                type:
                - array
                - 'null'
                items:
                  $ref: '#/components/schemas/IDMappingInput'
              gidMappings:
                type:
                - array
                - 'null'
                items:
                  $ref: '#/components/schemas/IDMappingInput'
              recursiveReadOnly:
                type:
                - boolean
                - 'null'
                description: Needs readonly and private propagation.
              image:
                type:
                - object
                - 'null'
                properties:
                  image:
                    type:
                    - string
                    - 'null'
                    pattern: ^(?=([^:@]|:[0-9]+/){0,237}([:@]|$))((((localhost|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+|[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)*:[1-9][0-9]{0,3})/)|(?![^/:@]*\.[^/:@]*/))[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*(/[0-9a-z]+((\.|_|__|-+)[0-9a-z]+)*)*(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@sha256:[0-9a-f]{64})?|(sha256:)?[0-9a-f]{1,64})?$
                    maxLength: 1024
                  annotations:
                    type:
                    - object
                    - 'null'
                    propertyNames:
                      pattern: ^[^\x00]*$
                    additionalProperties:
                      type: string
                  userSpecifiedImage:
                    type:
                    - string
                    - 'null'
                    pattern: ^[^\x00-\x1f\x7f]*$
                  runtimeHandler:
                    type:
                    - string
                    - 'null'
                  imageRef:
                    type:
                    - string
                    - 'null'
                additionalProperties: false
              imageSubPath:
                type:
                - string
                - 'null'
                pattern: ^([^/\x00][^\x00]*)?$
                maxLength: 4095
                description: Within the image, without `..`.
              mountOptions:
                type:
                - array
                - 'null'
                uniqueItems: true
                description: Of the mount itself; noatime and relatime contradict each other.
                items:
                  type: string
                  enum:
                  - nosuid
                  - nodev
                  - noexec
                  - noatime
                  - nodiratime
                  - relatime
            required:
            - containerPath
            additionalProperties: false
        devices:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              containerPath:
                type: string
                pattern: ^/[^\x00]*$
                maxLength: 4095
              hostPath:
                type: string
                pattern: ^/[^\x00]*$
                maxLength: 4095
              permissions:
                type: string
                pattern: ^(r|w|m|rw|wr|rm|mr|wm|mw|rwm|rmw|wrm|wmr|mrw|mwr)$
            required:
            - containerPath
            - hostPath
            - permissions
            additionalProperties: false
        CDIDevices:
          type:
          - array
          - 'null'
          items:
            type: object
            properties:
              name:
                type: string
                pattern: ^[^=/\x00-\x20\x7f]+/[^=/\x00-\x20\x7f]+=[^=\x00-\x20\x7f]+$
            required:
            - name
            additionalProperties: false
        labels:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
        annotations:
          type:
          - object
          - 'null'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            type: string
        logPath:
          type:
          - string
          - 'null'
          pattern: ^([^/\x00][^\x00]*)?$
          maxLength: 4095
          description: Relative to the pod's log directory, without `..`.
        stdin:
          type:
          - boolean
          - 'null'
        stdinOnce:
          type:
          - boolean
          - 'null'
        tty:
          type:
          - boolean
          - 'null'
        stopSignal:
          anyOf:
          - type: string
            pattern: ^(SIGNAL_)?(RUNTIME_DEFAULT|SIG(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(PLUS([1-9]|1[0-5]))?|RTMAX(MINUS([1-9]|1[0-4]))?))$
          - type: integer
            minimum: 0
            maximum: 65
          - type: 'null'
          description: '`SIGNAL_SIGTERM`, or `SIGTERM` as up to cri-api 0.36.'
        linux:
          type:
          - object
          - 'null'
          description: '`LinuxContainerConfig`.'
          properties:
            resources:
              anyOf:
              - $ref: '#/components/schemas/ResourcesInput'
              - type: 'null'
            securityContext:
              type:
              - object
              - 'null'
              description: '`LinuxContainerSecurityContext`.'
              properties:
                capabilities:
                  type:
                  - object
                  - 'null'
                  properties:
                    addCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        $ref: '#/components/schemas/Capability'
                    dropCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        $ref: '#/components/schemas/Capability'
                    addAmbientCapabilities:
                      type:
                      - array
                      - 'null'
                      items:
                        $ref: '#/components/schemas/Capability'
                  additionalProperties: false
                privileged:
                  type:
                  - boolean
                  - 'null'
                namespaceOptions:
                  anyOf:
                  - $ref: '#/components/schemas/NamespacesInput'
                  - type: 'null'
                selinuxOptions:
                  anyOf:
                  - $ref: '#/components/schemas/SELinux'
                  - type: 'null'
                runAsUser:
                  anyOf:
                  - $ref: '#/components/schemas/UserOrGroupID'
                  - type: 'null'
                runAsGroup:
                  anyOf:
                  - $ref: '#/components/schemas/UserOrGroupID'
                  - type: 'null'
                  description: Needs runAsUser or runAsUsername.
                runAsUsername:
                  type:
                  - string
                  - 'null'
                  pattern: ^([^\x00-\x20\x7f]{1,253})?$
                  description: A name, or `user:group`; in the place of runAsUser.
                readonlyRootfs:
                  type:
                  - boolean
                  - 'null'
                supplementalGroups:
                  type:
                  - array
                  - 'null'
                  items:
                    anyOf:
                    - type: integer
                      minimum: 0
                      maximum: 4294967294
                    - type: string
                      pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-4]))))))))))$
                supplementalGroupsPolicy:
                  anyOf:
                  - type: string
                    enum:
                    - Merge
                    - Strict
                  - type: integer
                    minimum: 0
                    maximum: 1
                  - type: 'null'
                noNewPrivs:
                  type:
                  - boolean
                  - 'null'
                maskedPaths:
                  type:
                  - array
                  - 'null'
                  items:
                    type: string
                    pattern: ^/[^\x00]*$
                    maxLength: 4095
                readonlyPaths:
                  type:
                  - array
                  - 'null'
                  items:
                    type: string
                    pattern: ^/[^\x00]*$
                    maxLength: 4095
                seccomp:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmor:
                  anyOf:
                  - $ref: '#/components/schemas/SecurityProfile'
                  - type: 'null'
                apparmorProfile:
                  type:
                  - string
                  - 'null'
                  pattern: ^(runtime/default|docker/default|unconfined|localhost/[^\x00-\x20\x7f]+)?$
                  maxLength: 4095
                seccompProfilePath:
                  type:
                  - string
                  - 'null'
                  pattern: ^(runtime/default|docker/default|unconfined|localhost//[^\x00]*)?$
                  maxLength: 4095
              additionalProperties: false
          additionalProperties: false
      required:
      - metadata
      - image
      additionalProperties: false
    CreateContainerRequest:
      type: object
      description: '`CreateContainerRequest`.'
      properties:
        config:
          $ref: '#/components/schemas/ContainerConfig'
        podSandboxId:
          type:
          - string
          - 'null'
          pattern: ^([0-9a-f]{64})?$
          description: If given, the same as in the path.
        sandboxConfig:
          type:
          - object
          - 'null'
          description: 'Not needed: the pod''s own is known.'
          propertyNames:
            pattern: ^[^\x00]*$
          additionalProperties:
            $ref: '#/components/schemas/AnyValue'
      required:
      - config
      additionalProperties: false
    AnyValue:
      description: Any JSON; no key has a NUL in it.
      anyOf:
      - type:
        - string
        - boolean
        - integer
        - 'null'
      - type: array
        items:
          $ref: '#/components/schemas/AnyValue'
      - type: object
        propertyNames:
          pattern: ^[^\x00]*$
        additionalProperties:
          $ref: '#/components/schemas/AnyValue'
    UserOrGroupID:
      type: object
      description: '`Int64Value`: an id of a user or a group.'
      properties:
        value:
          anyOf:
          - type: integer
            minimum: 0
            maximum: 4294967294
          - type: string
            pattern: ^([0-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|[1-9][0-9]{5}|[1-9][0-9]{6}|[1-9][0-9]{7}|[1-9][0-9]{8}|([1-3][0-9]{9}|4([0-1][0-9]{8}|2([0-8][0-9]{7}|9([0-3][0-9]{6}|4([0-8][0-9]{5}|9([0-5][0-9]{4}|6([0-6][0-9]{3}|7([0-1][0-9]{2}|2([0-8][0-9]|9[0-4]))))))))))$
          - type: 'null'
      additionalProperties: false
    Capability:
      type: string
      description: Of capabilities(7), with or without `CAP_`, or `ALL`; in lower case, too.
      pattern: ^(ALL|all|(CAP_)?(AUDIT_CONTROL|AUDIT_READ|AUDIT_WRITE|BLOCK_SUSPEND|BPF|CHECKPOINT_RESTORE|CHOWN|DAC_OVERRIDE|DAC_READ_SEARCH|FOWNER|FSETID|IPC_LOCK|IPC_OWNER|KILL|LEASE|LINUX_IMMUTABLE|MAC_ADMIN|MAC_OVERRIDE|MKNOD|NET_ADMIN|NET_BIND_SERVICE|NET_BROADCAST|NET_RAW|PERFMON|SETFCAP|SETGID|SETPCAP|SETUID|SYSLOG|SYS_ADMIN|SYS_BOOT|SYS_CHROOT|SYS_MODULE|SYS_NICE|SYS_PACCT|SYS_PTRACE|SYS_RAWIO|SYS_RESOURCE|SYS_TIME|SYS_TTY_CONFIG|WAKE_ALARM))$

"""###

}
