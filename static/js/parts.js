// Large files go in parts: they can be paused, and go on after a break or a reload.
// Smaller files, and browsers without this script, send the plain form.
const csrf = (form) => form.querySelector("[name=csrfmiddlewaretoken]").value;
const FILE_PARTS = "/api/v1/uploads/";

class Lost extends Error {} // the connection broke: nothing was answered

async function ask(form, path, method, body, signal) {
  const isFile = body instanceof Blob;
  const answer = await fetch(FILE_PARTS + path, {
    method, signal, credentials: "same-origin",
    headers: { "X-CSRFToken": csrf(form), "Content-Type": isFile ? "application/octet-stream" : "application/json" },
    body: isFile || body === undefined ? body : JSON.stringify(body),
  }).catch(() => { throw new Lost(); });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || answer.statusText);
  return answer.status === 204 ? {} : answer.json();
}

class Sending {
  constructor(form, file) {
    Object.assign(this, { form, file, turn: 0, isPaused: false });
    this.place = form.querySelector("[data-upload-progress]");
    this.pause = this.place.querySelector("[data-pause]");
    this.leave = this.place.querySelector("[data-stop]");
    this.why = this.place.querySelector("[data-why]");
  }
  show(done) {
    const share = this.file.size ? (100 * done) / this.file.size : 100;
    this.place.querySelector("progress").value = share;
    this.place.querySelector("[data-share]").textContent = Math.floor(share);
  }
  async begin() {
    const { form, file } = this;
    const said = new FormData(form), day = said.get("delivered_at");
    const upload = await ask(form, "", "POST", {
      data_set: Number(form.dataset.parts), file_name: file.name, size: file.size,
      fingerprint: `${file.name}:${file.size}:${file.lastModified}`,
      ...(said.get("preview") ? { options: { preview: true } } : {}), ...(day ? { delivered_at: `${day}T00:00:00Z` } : {}),
    });
    return { ...upload, come: new Set(upload.received) };
  }
  // Each pause ends a turn: what an earlier turn still waits for changes nothing.
  async run(turn) {
    const { form, file } = this;
    // The same file is the same upload: to ask twice begins it once.
    this.upload ??= await this.begin();
    const { id, part_size: size, n_parts: parts, come } = this.upload;
    for (let number = 1; number <= parts; number++) {
      if (turn !== this.turn) return;
      if (!come.has(number)) {
        this.stopper = new AbortController();
        const piece = file.slice((number - 1) * size, Math.min(number * size, file.size));
        await ask(form, `${id}/parts/${number}/`, "PUT", piece, this.stopper.signal);
        come.add(number);
      }
      this.show(Math.min(come.size * size, file.size));
    }
    if (turn !== this.turn) return;
    this.pause.disabled = this.leave.disabled = true; // being put together, it is no longer ours
    const whole = await ask(form, `${id}/finish/`, "POST", {});
    location.assign(whole.url);
  }
  start() {
    this.place.hidden = this.pause.hidden = false;
    this.form.setAttribute("aria-busy", "true");
    this.leave.onclick = () => this.stop();
    this.pause.onclick = () => (this.isPaused ? this.resume() : this.halt());
    return this.go();
  }
  async go() {
    const turn = ++this.turn;
    try {
      await this.run(turn);
    } catch (error) {
      // What breaks is paused, with what has come kept: the same button goes on.
      if (turn === this.turn) this.halt(error instanceof Lost ? this.place.dataset.lost : error.message);
    }
  }
  halt(why = this.place.dataset.paused) {
    this.isPaused = true;
    this.turn += 1;
    this.stopper?.abort();
    this.pause.disabled = this.leave.disabled = false;
    this.why.textContent = why;
    this.pause.textContent = this.pause.dataset.resume;
  }
  resume() {
    this.isPaused = false;
    this.why.textContent = "";
    this.pause.textContent = this.pause.dataset.pause;
    this.go();
  }
  stop() {
    // What has come stays: the page lists it, to go on with or to delete.
    this.halt();
    location.reload();
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
