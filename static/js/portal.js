// The one script of every page: dialogs, menus, copying, toasts, keys, the runs table,
// uploads. Pages work without it; it only saves steps. Charts are in charts.js.
const within = (event, selector) => event.target.closest?.(selector);

// Dialogs and menus are native; here only their opening, and closing from outside.
document.addEventListener("click", (event) => {
  const opener = within(event, "[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog) { event.preventDefault(); dialog.showModal(); }
  if (within(event, "[data-closes]") || event.target.matches?.("dialog[open]")) event.target.closest("dialog").close();
  for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  if (within(event, "[data-print]")) print();
});

// Toasts leave after ten seconds unless the reader is on them.
function watch(toast) {
  delete toast.dataset.toastShown;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : toast.remove());
  setTimeout(leave, 10000);
}
function say(kind) {
  const toast = document.querySelector(`template[data-toast="${kind}"]`).content.cloneNode(true).firstElementChild;
  document.getElementById("toasts").append(toast);
  watch(toast);
}
const watchAll = () => document.querySelectorAll("#toasts [data-toast-shown]").forEach(watch);
watchAll();
document.addEventListener("click", (event) => within(event, "[data-dismiss]")?.closest(".toast").remove());
document.addEventListener("htmx:sendError", () => say("offline"));
document.addEventListener("htmx:responseError", () => say("refused"));
document.addEventListener("htmx:afterSettle", watchAll);

// Copy: the text of the block that holds the button. Plain http has no clipboard there.
async function copy(source) {
  try { await navigator.clipboard.writeText(source.textContent.trim()); say("copied"); }
  catch { getSelection().selectAllChildren(source); }
}
document.addEventListener("click", (event) => {
  const button = within(event, "[data-copy]");
  if (button) copy(button.closest(".code-block").querySelector("code"));
});

// Keys. Nothing happens while one types; a box in a dialog that has just closed may still
// have the focus until the next frame, and nobody types there.
const table = () => document.querySelector("[data-runs]");
const isTyping = (event) => event.target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]") && event.target.checkVisibility();
const keys = {
  "/": () => document.getElementById("search")?.showModal(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
  j: () => table() && move(1),
  k: () => table() && move(-1),
  x: () => { const row = cursor(); if (row) tick(row, !row.hasAttribute("aria-selected")); },
  c: () => document.querySelector("[data-selection]:not([hidden]) [data-compare]")?.click(),
};
document.addEventListener("keydown", (event) => {
  const isSearch = event.key === "k" && (event.ctrlKey || event.metaKey);
  if (!isSearch && (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]"))) return;
  const act = isSearch ? keys["/"] : keys[event.key];
  if (act) { act(); if (event.key.length === 1 && "/k?".includes(event.key)) event.preventDefault(); }
});

// The runs table: a cursor, ticks, and rows that light up with their dots.
const rows = () => [...(table()?.querySelectorAll("tr.row") ?? [])];
const cursor = () => table()?.querySelector("tr.is-cursor");
const dotOf = (row) => document.querySelector(`[data-row="${CSS.escape(row.id)}"]`);
function move(by) {
  const all = rows(), at = all.indexOf(cursor());
  const row = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (!row) return;
  cursor()?.classList.remove("is-cursor");
  row.classList.add("is-cursor");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a")?.focus({ preventScroll: true });
}
function tick(row, on) {
  row.querySelector("input[type=checkbox]").checked = on;
  if (on) row.setAttribute("aria-selected", "true"); else row.removeAttribute("aria-selected");
  dotOf(row)?.classList.toggle("is-picked", on);
  count();
}
function count() {
  const bar = document.querySelector("[data-selection]");
  if (!bar) return;
  const n = rows().filter((row) => row.hasAttribute("aria-selected")).length;
  bar.querySelector("[data-count]").textContent = n;
  bar.hidden = n === 0;
}
function light(id, on) {
  if (!id) return;
  document.getElementById(id)?.classList.toggle("is-hot", on);
  document.querySelector(`[data-row="${CSS.escape(id)}"]`)?.classList.toggle("is-hot", on);
}
document.addEventListener("change", (event) => {
  if (!within(event, "[data-runs]")) return;
  const row = within(event, "tr.row");
  for (const each of row ? [row] : rows()) tick(each, event.target.checked);
});
for (const [kind, on] of [["pointerover", true], ["pointerout", false]]) document.addEventListener(kind, (event) => {
  light(within(event, "[data-runs] tr.row")?.id ?? event.target.dataset?.row, on);
});
document.addEventListener("click", (event) => {
  if (event.target.dataset?.row) { const row = document.getElementById(event.target.dataset.row); if (row) tick(row, !row.hasAttribute("aria-selected")); }
  if (within(event, "[data-clear]")) rows().forEach((row) => tick(row, false));
});

// Questions that follow from an answer are shown once it is given; the server knows the
// same conditions, and shows them after the form was sent without a script.
function follow(form) {
  const said = new FormData(form);
  for (const part of form.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(";").every((each) => {
      const [name, values] = each.split("=");
      return values.split("|").some((value) => said.getAll(name).includes(value));
    });
  }
}
document.addEventListener("change", (event) => { const form = within(event, "form[data-follows]"); if (form) follow(form); });

// Uploads: the form's own action, with a bar and a way to stop. Plain forms work too.
function send(form) {
  const place = form.querySelector("[data-upload-progress]"), bar = place.querySelector("progress");
  const request = new XMLHttpRequest();
  const settle = () => { place.hidden = true; form.removeAttribute("aria-busy"); };
  request.upload.addEventListener("progress", (event) => {
    bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
    place.querySelector("[data-share]").textContent = Math.floor(bar.value);
  });
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== location.href) { location.assign(request.responseURL); return; }
    settle();
    // The page again, with what is wrong beside its field.
    if (request.status < 500) { const page = new DOMParser().parseFromString(request.responseText, "text/html"); document.querySelector("#main").replaceWith(page.querySelector("#main")); window.htmx?.process(document.querySelector("#main")); }
    else say("refused");
  });
  request.addEventListener("error", () => { settle(); say("offline"); });
  request.addEventListener("abort", settle);
  place.querySelector("[data-stop]").onclick = () => request.abort();
  request.open("POST", form.action);
  request.send(new FormData(form));
  place.hidden = false;
  form.setAttribute("aria-busy", "true");
}
document.addEventListener("submit", (event) => {
  const form = within(event, "form[data-upload]");
  if (!form || event.submitter?.hasAttribute("data-plain")) return;
  event.preventDefault();
  // Pressed twice it is still sent once.
  if (!form.hasAttribute("aria-busy")) send(form);
});
for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) document.addEventListener(kind, (event) => {
  const zone = within(event, ".upload");
  if (!zone) return;
  event.preventDefault();
  zone.classList.toggle("is-over", over);
  if (kind === "drop") { const box = zone.querySelector("input[type=file]"); box.files = event.dataTransfer.files; box.dispatchEvent(new Event("change", { bubbles: true })); }
});
