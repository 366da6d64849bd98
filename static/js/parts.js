// Large files go in parts: they can be paused, and go on after a break or a reload.
// Smaller files, and browsers without this script, send the plain form.
const csrf = (form) => form.querySelector("[name=csrfmiddlewaretoken]").value;
const FILE_PARTS = "/api/v1/uploads/";

async function ask(form, path, method, body, signal) {
  const isFile = body instanceof Blob;
  const answer = await fetch(FILE_PARTS + path, {
    method, signal, credentials: "same-origin",
    headers: { "X-CSRFToken": csrf(form), "Content-Type": isFile ? "application/octet-stream" : "application/json" },
    body: isFile || body === undefined ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || answer.statusText);
  return answer.status === 204 ? {} : answer.json();
}

class Sending {
  constructor(form, file) {
    Object.assign(this, { form, file, isPaused: false, isOver: false });
    this.place = form.querySelector("[data-upload-progress]");
    this.pause = this.place.querySelector("[data-pause]");
  }
  show(done) {
    const share = this.file.size ? (100 * done) / this.file.size : 100;
    this.place.querySelector("progress").value = share;
    this.place.querySelector("[data-share]").textContent = Math.floor(share);
  }
  async begin() {
    const { form, file } = this;
    const said = new FormData(form), day = said.get("delivered_at");
    this.upload = await ask(form, "", "POST", {
      data_set: Number(form.dataset.parts), file_name: file.name, size: file.size,
      fingerprint: `${file.name}:${file.size}:${file.lastModified}`,
      ...(said.get("preview") ? { options: { preview: true } } : {}), ...(day ? { delivered_at: `${day}T00:00:00Z` } : {}),
    });
    this.come = new Set(this.upload.received);
  }
  async run() {
    const { form, file } = this;
    if (!this.upload) await this.begin();
    const { id, part_size: size, n_parts: parts } = this.upload;
    for (let number = 1; number <= parts; number++) {
      if (this.isPaused || this.isOver) return;
      if (!this.come.has(number)) {
        this.stopper = new AbortController();
        const piece = file.slice((number - 1) * size, Math.min(number * size, file.size));
        await ask(form, `${id}/parts/${number}/`, "PUT", piece, this.stopper.signal);
        this.come.add(number);
      }
      this.show(Math.min(this.come.size * size, file.size));
    }
    const whole = await ask(form, `${id}/finish/`, "POST", {});
    location.assign(whole.url);
  }
  async start() {
    this.place.hidden = this.pause.hidden = false;
    this.form.setAttribute("aria-busy", "true");
    this.place.querySelector("[data-stop]").onclick = () => this.stop();
    this.pause.onclick = () => (this.isPaused ? this.resume() : this.halt());
    await this.go();
  }
  async go() {
    // What breaks is paused, with what has come kept: the same button goes on.
    try { await this.run(); } catch (error) { if (!this.isPaused && !this.isOver) this.halt(error instanceof TypeError ? this.place.dataset.lost : error.message); }
  }
  halt(why = this.place.dataset.paused) {
    this.isPaused = true;
    this.stopper?.abort();
    this.place.querySelector("[data-why]").textContent = why;
    this.pause.textContent = this.pause.dataset.resume;
  }
  resume() {
    this.isPaused = false;
    this.place.querySelector("[data-why]").textContent = "";
    this.pause.textContent = this.pause.dataset.pause;
    this.go();
  }
  stop() {
    this.isOver = true;
    this.stopper?.abort();
    if (this.upload) ask(this.form, `${this.upload.id}/`, "DELETE").catch(() => {});
    this.place.hidden = true;
    this.form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-parts]");
  const file = form?.querySelector("input[type=file]").files[0];
  if (!file || file.size <= Number(form.dataset.partSize) || form.hasAttribute("aria-busy")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  new Sending(form, file).start();
}, { capture: true });
