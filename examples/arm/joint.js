// Joint: a slider that says where a joint is to go, with a mark where it is.

/** Between two messages while the slider moves, in milliseconds: 20 a second. */
const PAUSE = 50;
/** A hand that has just let go still counts, in milliseconds: what the arm says now is from before. */
const REST = 400;

export class Joint {
  #send;
  #row = document.createElement("div");
  #slider = document.createElement("input");
  #target = document.createElement("output");
  #now = document.createElement("span");
  #unit;
  #max;
  #timer;
  #waiting = false;
  #touched = Number.NEGATIVE_INFINITY;

  /** `send` is given the place where the joint is to go. */
  constructor({ name, title, max, unit }, parent, send) {
    this.#send = send;
    this.#max = max;
    this.#unit = unit;
    const label = document.createElement("label");
    label.textContent = title;
    label.htmlFor = this.#slider.id = name;
    Object.assign(this.#slider, { type: "range", min: 0, max, step: 1, value: 0, disabled: true });
    this.#target.htmlFor = name;
    this.#target.className = "target numbers";
    this.#now.className = "now numbers";
    this.#row.className = "joint";
    this.#row.append(label, this.#target, this.#slider, this.#now);
    this.#slider.addEventListener("input", () => this.#moved());
    parent.append(this.#row);
  }

  set disabled(disabled) {
    this.#slider.disabled = disabled;
  }

  /** Where the joint is; at rest that is also where it was to go. */
  show(place, isAtRest) {
    this.#row.style.setProperty("--now", place / this.#max);
    this.#now.textContent = `is at ${place.toFixed(0)} ${this.#unit}`;
    if (isAtRest) this.aim(place);
  }

  /** Where the joint is to go, as somebody else has told it. */
  aim(place) {
    if (this.#waiting || performance.now() - this.#touched < REST) return;
    this.#slider.value = place;
    this.#tell();
  }

  /** Forgets where it was to go. */
  cancel() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = false;
    this.#touched = Number.NEGATIVE_INFINITY;
  }

  #tell() {
    this.#target.textContent = `${this.#slider.value} ${this.#unit}`;
  }

  #moved() {
    this.#touched = performance.now();
    this.#waiting = true;
    this.#tell();
    this.#timer ??= setTimeout(() => this.#pass(), 0);
  }

  // The last place is always sent, and never more than one in a pause.
  #pass() {
    this.#waiting = false;
    this.#send(this.#slider.value);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting) this.#moved();
    }, PAUSE);
  }
}
