// Charts: each [data-chart] is drawn when it scrolls into view, in the page's theme.
// The bundle is loaded by then, once. The policy lets this script add scripts, and it
// lets Plotly fill style elements that carry the page's nonce; Plotly looks for their ids.
const { nonce } = document.querySelector("script[nonce]");
const style = () => getComputedStyle(document.documentElement);

function addStyle(id) {
  if (document.getElementById(id)) return;
  const element = document.createElement("style");
  element.id = id; element.nonce = nonce;
  document.head.append(element);
}
let loading;
function bundle() {
  loading ??= new Promise((resolve, reject) => {
    addStyle("plotly.js-style-global");
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

// "var(--gain)" anywhere in a figure becomes the theme's colour.
function themed(value, css) {
  if (typeof value === "string") { const name = /^var\((--[\w-]+)\)$/.exec(value); return name ? css.getPropertyValue(name[1]).trim() : value; }
  if (Array.isArray(value)) return value.map((each) => themed(each, css));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, themed(each, css)]));
  return value;
}
function template(css) {
  const ink = (name) => css.getPropertyValue(name).trim();
  const axis = { gridcolor: ink("--line"), linecolor: ink("--ink-3"), tickcolor: ink("--ink-3"), zerolinecolor: ink("--ink"), zerolinewidth: 1.25, tickfont: { size: 12, color: ink("--ink-3") }, title: { font: { size: 12, color: ink("--ink-3") } }, automargin: true };
  // Series differ by lightness and dash; green and orange are kept for money.
  const colorway = [ink("--ink"), ink("--ink-3"), ink("--field"), ink("--ink-2"), ink("--line")];
  const scale = [[0, ink("--well")], [1, ink("--ink")]];
  const filled = { colorscale: scale, colorbar: { outlinewidth: 0, thickness: 10, tickfont: { size: 12, color: ink("--ink-3") } } };
  const shaded = [{ marker: filled }];
  return { data: { heatmap: [filled], contour: [filled], histogram2d: [filled], scatter: shaded, bar: shaded }, layout: {
    font: { family: ink("--font"), size: 12, color: ink("--ink-2") }, colorway, colorscale: { sequential: scale, sequentialminus: scale, diverging: [[0, ink("--loss")], [0.5, ink("--ground")], [1, ink("--gain")]] },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8, pad: 4 }, xaxis: axis, yaxis: axis,
    hoverlabel: { bgcolor: ink("--ink"), bordercolor: ink("--ink"), font: { color: ink("--ground"), size: 12, family: ink("--font") } },
    legend: { orientation: "h", y: 1, yanchor: "bottom", x: 0, font: { color: ink("--ink-2") } }, modebar: { bgcolor: "rgba(0,0,0,0)", color: ink("--ink-3"), activecolor: ink("--action") },
  } };
}
const figureOf = (picture) => JSON.parse(document.getElementById(picture.dataset.chart).textContent);

async function draw(picture) {
  const css = style(), figure = figureOf(picture);
  addStyle(`plotly.js-style-${picture.id}`);
  try {
    const plotly = await bundle();
    const layout = { ...themed(figure.layout, css), template: template(css), autosize: true };
    await plotly.react(picture, themed(figure.data, css), layout, { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
    picture.dataset.drawn = "";
  } catch { picture.classList.add("is-still"); }
}
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
}, { rootMargin: "200px" });
function find() {
  for (const picture of document.querySelectorAll("[data-chart]:not([data-found])")) { picture.dataset.found = ""; seen.observe(picture); }
  for (const button of document.querySelectorAll("[data-csv][hidden]")) button.hidden = false;
}
document.addEventListener("DOMContentLoaded", find);
document.addEventListener("htmx:afterSettle", find);
document.addEventListener("portal:theme", () => document.querySelectorAll("[data-drawn]").forEach(draw));

// The data as CSV. Python writes long arrays as base64 of numbers.
const arrays = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array, u1c: Uint8ClampedArray };
function values(column) {
  if (!column?.bdata) return column;
  const bytes = Uint8Array.from(atob(column.bdata), (letter) => letter.charCodeAt(0));
  const flat = [...new arrays[column.dtype](bytes.buffer)];
  const width = column.shape ? Number(String(column.shape).split(",")[1]) : 0;
  return width ? Array.from({ length: flat.length / width }, (_, n) => flat.slice(n * width, (n + 1) * width)) : flat;
}
// A cell that a spreadsheet would run as a formula is text again behind an apostrophe.
function cell(value) {
  const text = value === null || value === undefined || Number.isNaN(value) ? "" : String(value);
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
function* records(trace, at) {
  const [x, y, z] = [trace.x, trace.y, trace.z].map(values), name = trace.name ?? `series ${at + 1}`;
  if (z) { for (const [row, line] of z.entries()) for (const [column, value] of line.entries()) yield [name, x?.[column] ?? column, y?.[row] ?? row, value]; return; }
  const length = Math.max(x?.length ?? 0, y?.length ?? 0);
  for (let n = 0; n < length; n += 1) yield [name, x ? x[n] : n, y ? y[n] : "", ""];
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-csv]");
  if (!button) return;
  const figure = JSON.parse(document.getElementById(button.dataset.csv).textContent);
  const lines = [["series", "x", "y", "z"], ...figure.data.flatMap((trace, at) => [...records(trace, at)])];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", lines.map((line) => line.map(cell).join(",")).join("\r\n")], { type: "text/csv" }));
  link.download = `${button.previousElementSibling.textContent.trim()}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
