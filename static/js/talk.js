// Names while one types: after @ the members whose name begins so; Enter or a click
// puts one in. Without this file typed names are matched all the same.
const LIST = "mention-list";

function wanted(box) {
  const before = box.value.slice(0, box.selectionStart);
  const found = /(?:^|[\s(])@([^\s@]*(?: [^\s@]*)?)$/u.exec(before);
  return found && { text: found[1].toLocaleLowerCase(), start: before.length - found[1].length };
}

function close() { document.getElementById(LIST)?.remove(); }

let people; // asked for once, at the first @
async function names(box) {
  people ??= fetch(box.closest("[data-people]").dataset.people).then((answer) => (answer.ok ? answer.json() : { people: [] }), () => ({ people: [] }));
  return (await people).people;
}

async function offer(box) {
  const all = wanted(box) ? await names(box) : [];
  close();
  const asked = wanted(box);
  const fits = asked ? all.filter((name) => name.toLocaleLowerCase().startsWith(asked.text)).slice(0, 6) : [];
  if (!fits.length) return;
  const list = document.createElement("ul");
  Object.assign(list, { id: LIST, className: "mention-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.labels[0]?.textContent ?? "");
  fits.forEach((name, n) => {
    const row = document.createElement("li");
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(n === 0));
    row.textContent = name;
    row.addEventListener("mousedown", (event) => { event.preventDefault(); put(box, name); });
    list.append(row);
  });
  box.after(list);
}

function put(box, name) {
  const asked = wanted(box);
  if (!asked) return;
  const after = box.value.slice(box.selectionStart);
  box.setRangeText(`${name}${/^\s/.test(after) ? "" : " "}`, asked.start, box.selectionStart, "end");
  close();
  box.focus();
}

const rows = () => [...(document.getElementById(LIST)?.children ?? [])];

function step(by) {
  const all = rows(), at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  all[at]?.setAttribute("aria-selected", "false");
  all[(at + by + all.length) % all.length]?.setAttribute("aria-selected", "true");
}

const keys = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Escape: close,
  Enter: (box) => put(box, rows().find((row) => row.getAttribute("aria-selected") === "true").textContent),
};
keys.Tab = keys.Enter;

document.addEventListener("input", (event) => { if (event.target.matches?.("[data-mentions]")) offer(event.target); });
document.addEventListener("focusout", (event) => { if (event.target.matches?.("[data-mentions]")) close(); });
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-mentions]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.target.form.requestSubmit(); return; }
  if (!rows().length || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key](event.target);
});
