// Charts of a report in one file: drawn at once, in the colours of its style sheet.
const css = getComputedStyle(document.documentElement);
function themed(value) {
  if (typeof value === "string") { const name = /^var\((--[\w-]+)\)$/.exec(value); return name ? css.getPropertyValue(name[1]).trim() : value; }
  if (Array.isArray(value)) return value.map(themed);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, themed(each)]));
  return value;
}
const ink = (name) => css.getPropertyValue(name).trim();
const axis = { gridcolor: ink("--line"), linecolor: ink("--ink-3"), zerolinecolor: ink("--ink"), tickfont: { size: 12, color: ink("--ink-3") }, title: { font: { size: 12, color: ink("--ink-3") } }, automargin: true };
const template = { layout: { font: { family: "system-ui, sans-serif", size: 12, color: ink("--ink-2") }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 8, t: 8, b: 8, pad: 4 }, xaxis: axis, yaxis: axis, legend: { orientation: "h", y: 1, yanchor: "bottom", x: 0 } } };
for (const picture of document.querySelectorAll("[data-chart]")) {
  const figure = JSON.parse(document.getElementById(picture.dataset.chart).textContent);
  window.Plotly.newPlot(picture, themed(figure.data), { ...themed(figure.layout), template, autosize: true }, { responsive: true, displaylogo: false });
}
