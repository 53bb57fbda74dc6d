// The page's script: shows what arrives, keeps drafts, sends forms without leaving the page. Everything works without it.
"use strict";

const stage = document.querySelector(".stage");
const byId = (id) => document.getElementById(id);

function part(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // Rendered by the server with everything escaped; scripts in it would not run.
  return template.content;
}

// --- what arrives ------------------------------------------------------------------------------------------------------

function follow() {
  const source = new EventSource(`${stage.dataset.stream}?after=${encodeURIComponent(stage.dataset.after)}`);
  source.addEventListener("item", (event) => arrive(JSON.parse(event.data)));
  source.addEventListener("state", (event) => restate(JSON.parse(event.data)));
  source.addEventListener("side", () => replace("side", `side?room=${encodeURIComponent(stage.dataset.room)}`));
  source.addEventListener("reload", () => { source.close(); saveDraft().finally(() => location.reload()); });
  source.onopen = () => { byId("line").hidden = true; };
  source.onerror = () => { byId("line").hidden = false; if (source.readyState === 2) setTimeout(() => location.reload(), 4000); };
}

function arrive({ room, html }) {
  if (room === stage.dataset.room) {
    const fresh = part(html);
    for (const element of [...fresh.querySelectorAll("[id]")]) if (byId(element.id)) return;
    const nearEnd = innerHeight + scrollY > document.body.scrollHeight - 400;
    const first = fresh.firstElementChild;
    for (const child of fresh.children) child.classList.add("arrived");
    byId("items").querySelector(".none")?.remove();
    byId("items").append(fresh);
    if (!byId("turn") && !byId("internal")) recompose();
    if (nearEnd && !document.activeElement.closest("form")) first?.scrollIntoView({ block: "nearest" });
    return;
  }
  const badge = document.querySelector(`.rooms a[data-room="${CSS.escape(room)}"] .new`);
  if (badge && !stage.dataset.place.match(/^(control|analyst|observer)$/)) {
    badge.hidden = false;
    badge.querySelector(".count").textContent = Number(badge.querySelector(".count").textContent) + 1;
  }
}

function restate({ html, asks, mine: answered }) {
  byId("status").replaceChildren(part(html));
  for (const link of document.querySelectorAll(".rooms a")) {
    const mine = link.querySelector(".mine");
    if (mine) mine.hidden = !answered.includes(link.dataset.room);
  }
  if (byId("held")) recontrol();
  now = asks[stage.dataset.room] || "";
  keepUp();
  tick();
}

let now; // What is asked in this room, as far as this page was told.
function keepUp() {
  const form = byId("turn");
  if (now === undefined || !byId("composer").childElementCount || form?.dataset.sending) return;
  if ((form ? form.dataset.ticket : "") === now) return;
  // A move that is being filled in stays as long as the turn is the same, whatever else came on the table.
  if (byId("making") && now.split("/")[0] === form.elements.ticket.value) return;
  recompose().then(() => { if (now && !form) byId("turn-h")?.scrollIntoView({ block: "nearest" }); });
}

async function recompose() {
  // Somebody else sent this turn, or its time was over: what was typed here goes into the next one, or stays to be copied.
  const typed = (byId("say") || byId("kept"))?.value, ticket = byId("turn")?.elements.ticket.value;
  const at = document.activeElement.id === "say" ? document.activeElement.selectionEnd : -1;
  await replace("composer", `composer?room=${encodeURIComponent(stage.dataset.room)}`);
  if (!typed) return;
  const say = byId("say");
  if (say) say.value = ticket === byId("turn").elements.ticket.value ? typed : say.value || typed;
  if (say && at >= 0) { say.focus({ preventScroll: true }); say.setSelectionRange(at, at); }
  if (say) return;
  byId("composer").append(Object.assign(document.createElement("textarea"), { id: "kept", readOnly: true, value: typed, ariaLabel: "What you had written, to copy" }));
}

let flags = "";
async function recontrol() {
  // What control can do follows from what the status says; what is being typed stays.
  const now = [...byId("status").querySelectorAll(".flag, .halted, .clock strong")].map((e) => e.textContent).join();
  if (now === flags) return;
  flags = now;
  const fresh = part(await (await fetch(location.href)).text());
  for (const id of ["running", "held"]) {
    if (!byId(id).contains(document.activeElement)) byId(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
}

const asked = {}; // By part of the page: an answer that a later one has overtaken is dropped.
async function replace(id, url) {
  const mine = asked[id] = (asked[id] || 0) + 1;
  const answer = await fetch(url, { headers: { "X-Part": "1" } });
  const html = await answer.text();
  if (!answer.ok || asked[id] !== mine) return;
  const words = (details) => details.querySelector("summary").textContent.replace(/\d+/g, "");
  const open = new Map([...byId(id).querySelectorAll("details")].map((details) => [words(details), details.open]));
  byId(id).replaceChildren(part(html));
  for (const details of byId(id).querySelectorAll("details")) details.open = open.get(words(details)) ?? details.open;
}

// --- forms -------------------------------------------------------------------------------------------------------------

async function send(form) {
  const data = new FormData(form);
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST", body: new URLSearchParams(data), headers: { "X-Part": "1" }, redirect: "follow",
  });
  const html = await answer.text();
  if (answer.status === 403 || answer.status === 400 || answer.status >= 500) { location.reload(); return; }
  const words = part(html);
  asked.composer = (asked.composer || 0) + 1;
  byId("composer").replaceChildren(...(words.querySelector("main") || words).childNodes);
  const next = byId("composer").querySelector(".problem, #confirm-send, #making input, #making select") || byId("turn-h") || byId("composer");
  if (!next.matches("input, select, button")) next.tabIndex = -1;
  next.focus();
  keepUp();
  tick();
}

let saving = 0;
async function saveDraft() {
  const form = byId("turn");
  if (!form || form.dataset.saved === byId("say").value) return;
  const data = new URLSearchParams({ do: "save", text: byId("say").value });
  for (const name of ["csrf", "room", "ticket"]) data.set(name, form.elements[name].value);
  form.dataset.saved = byId("say").value;
  await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { "X-Part": "1" }, keepalive: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "turn" || event.submitter?.formAction.endsWith("/advice")) return;
  event.preventDefault();
  clearTimeout(saving);
  event.submitter.disabled = true;
  form.dataset.sending = "1";
  // A disabled button is not sent: give its name and value by hand.
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: event.submitter.value });
  form.append(hidden);
  send(form).catch(() => { hidden.remove(); delete form.dataset.sending; event.submitter.disabled = false; byId("line").hidden = false; });
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "say") return;
  clearTimeout(saving);
  saving = setTimeout(saveDraft, 700);
});
addEventListener("pagehide", () => { saveDraft(); });

// --- the briefing, beside what one writes ----------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const drawer = byId("drawer");
  if (event.target === drawer || event.target.closest("#drawer .shut-drawer")) drawer.close();
  if (event.target.id !== "briefing" || !drawer || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const main = part(await (await fetch(event.target.href)).text()).querySelector("main");
  const shut = Object.assign(document.createElement("button"), { className: "button shut-drawer", textContent: "Close" });
  drawer.replaceChildren(shut, ...main.childNodes);
  drawer.showModal();
});

// --- clocks and the slider -----------------------------------------------------------------------------------------------

function tick() {
  for (const due of document.querySelectorAll(".due")) {
    const left = Math.max(0, Math.round(due.dataset.due - Date.now() / 1000));
    due.textContent = left >= 3600 ? `${Math.round(left / 3600)} h left` : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
  }
}

function player() {
  const box = document.querySelector(".player");
  const turns = [...document.querySelectorAll(".played .turn, .played .told, .played .tally")];
  if (!box || !turns.length) return;
  const slider = byId("pos");
  slider.max = turns.length;
  const linked = location.hash && turns.findIndex((turn) => turn.matches(location.hash) || turn.querySelector(location.hash)) + 1;
  slider.value = turns.length;
  const show = (scroll) => {
    const at = Number(slider.value);
    turns.forEach((turn, i) => turn.classList.toggle("later", i >= at));
    box.querySelector("output").textContent = `${at} of ${turns.length}`;
    if (scroll) {
      const turn = turns[at - 1];
      turn.scrollIntoView({ block: "center" });
      const id = turn.id || turn.querySelector("[id]")?.id;
      if (id) history.replaceState(null, "", `#${id}`);
    }
  };
  slider.addEventListener("input", () => show(true));
  for (const button of box.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => { slider.value = Number(slider.value) + Number(button.dataset.step); show(true); });
  }
  box.querySelector(".slider").hidden = false;
  show(false);
  if (linked) turns[linked - 1].scrollIntoView({ block: "center" });
}

if (stage) {
  follow();
  setInterval(tick, 1000);
  tick();
}
player();
