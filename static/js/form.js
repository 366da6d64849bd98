// The estimate form: echoes each triple in words, fills the sentence, names a mistake
// beside its field. The picture is the server's; while a number cannot be used it is
// not asked again and only dims. Every word comes from the page.
const form = document.querySelector("[data-estimate]");
const answer = () => document.querySelector("[data-answer]");
const factors = { "": 1, k: 1e3, m: 1e6, mio: 1e6, bn: 1e9 };

// The sign that starts the fraction; "1,234" is settled by the reader's own sign.
function fractionSign(digits) {
  const present = [".", ","].filter((sign) => digits.includes(sign));
  if (present.length === 2) return digits.lastIndexOf(".") > digits.lastIndexOf(",") ? "." : ",";
  const [sign] = present;
  if (!sign || digits.split(sign).length > 2) return "";
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) && sign !== form.dataset.decimal ? "" : sign;
}
function read(text) {
  const bare = text.replace(/[\s\u00a0\u2009\u202f'’€$£%]/g, "").replace(/[−–]/g, "-");
  const found = /^(-?)(\d[\d.,]*|[.,]\d+)(k|mio|m|bn)?$/i.exec(bare);
  if (!found) return NaN;
  const [, minus, digits, factor = ""] = found, sign = fractionSign(digits);
  const [whole, fraction = ""] = sign ? digits.split(sign) : [digits];
  return Number(`${minus}${whole.replace(/[.,]/g, "") || 0}.${fraction || 0}`) * factors[factor.toLowerCase()];
}
const words = (n) => n.toLocaleString("en", { maximumSignificantDigits: 12 }).replaceAll(",", "\u202f").replace(".", form.dataset.decimal).replace("-", "−");
const put = (sentence, parts) => sentence.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");

function problemOf([low, high, likely]) {
  const said = form.dataset;
  for (const { box, n } of [low, high, likely]) if (Number.isNaN(n)) return [box, put(said.notNumber, { value: box.value })];
  const parts = { low: words(low.n), high: words(high.n), likely: words(likely.n) };
  if (low.n > high.n) return [low.box, put(said.lowAboveHigh, parts)];
  if (likely.n < low.n || likely.n > high.n) return [likely.box, put(said.likelyOutside, parts)];
  return null;
}
function clear(triple) {
  triple.querySelector(".problem")?.remove();
  for (const box of triple.querySelectorAll("[aria-invalid]")) {
    box.removeAttribute("aria-invalid");
    box.setAttribute("aria-describedby", `${triple.id}_echo`);
    box.closest(".field").classList.remove("is-wrong");
  }
}
function mark(triple, [box, why]) {
  const line = document.createElement("p");
  line.className = "problem"; line.id = `${triple.id}_problem`; line.textContent = why;
  box.setAttribute("aria-invalid", "true");
  box.setAttribute("aria-describedby", line.id);
  box.closest(".field").classList.add("is-wrong");
  triple.querySelector(".boxes").after(line);
}
function tell(triple, boxes) {
  const [low, high, likely] = boxes.map(({ n }) => words(n)), parts = { low, high, likely };
  triple.querySelector(".echo").textContent = put(triple.dataset.echo, parts);
  const blank = form.querySelector(`[data-fill="${triple.id}"]`);
  if (blank) blank.textContent = put(triple.dataset.blank, parts);
}
// "I don't know" puts the wide default in; what was typed comes back without it.
function wide(box, isUnknown) {
  if (isUnknown === box.readOnly) return;
  if (isUnknown) { box.dataset.typed = box.value; box.value = box.dataset.wide; } else box.value = box.dataset.typed ?? "";
  box.readOnly = isUnknown;
}
function dim() {
  const broken = Boolean(form.querySelector(".problem"));
  const panel = answer();
  panel.querySelectorAll("figure, ol").forEach((picture) => picture.classList.toggle("is-dimmed", broken));
  panel.querySelector("[data-stale-note]").hidden = !broken;
}

form.addEventListener("input", (event) => {
  const triple = event.target.closest(".number-triple");
  if (!triple) return;
  const isUnknown = triple.querySelector("[name$=unknown]")?.checked ?? false;
  triple.classList.toggle("is-unknown", isUnknown);
  for (const box of triple.querySelectorAll("[data-wide]")) wide(box, isUnknown);
  form.querySelector(`[data-fill="${triple.id}"]`)?.classList.toggle("is-unknown", isUnknown);
  clear(triple);
  const boxes = ["low", "high", "likely"].map((part) => { const box = triple.querySelector(`[data-part="${part}"]`); return { box, n: read(box.value) }; });
  const isEmpty = boxes.some(({ box }) => box.value.trim() === "");
  const wrong = isEmpty || isUnknown ? null : problemOf(boxes);
  if (wrong) mark(triple, wrong); else if (!isEmpty) tell(triple, boxes);
  dim();
  if (wrong) answer().querySelector("[data-announce]").textContent = wrong[1];
});
// One line is read aloud after a redraw, not the whole panel.
document.addEventListener("htmx:afterSettle", () => {
  const panel = answer(), title = panel?.querySelector("h2");
  if (title) panel.querySelector("[data-announce]").textContent = title.textContent;
});
// htmx hears "input" on the form first; the mistake is known by the time it asks.
form.addEventListener("htmx:beforeRequest", (event) => { if (form.querySelector(".problem")) event.preventDefault(); });
