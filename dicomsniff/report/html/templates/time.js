// The drawing of the capture over time: zoom by buttons or by dragging; the associations below follow.
(() => {
  const { one, all, apply, chosen, listeners } = dicomsniff;
  const drawing = one("svg.overview");
  if (!drawing) return;
  const start = Number(drawing.dataset.start), length = Number(drawing.dataset.length);
  const marks = all("[data-a]", drawing), ticks = one(".ticks", drawing), range = one(".chosen", drawing);
  const height = one(".ground", drawing).getAttribute("height");
  const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5];
  const percent = (part) => `${(100 * (part - chosen.begin)) / (chosen.end - chosen.begin)}%`;
  const make = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const clock = (time, step) => {
    const text = new Date(time).toISOString();
    return step >= 864e5 ? text.slice(5, 10) : step >= 6e4 ? text.slice(11, 16) : step >= 1e3 ? text.slice(11, 19) : text.slice(11, 23);
  };
  const drawTicks = () => {
    const shown = length * (chosen.end - chosen.begin), from = start + length * chosen.begin;
    const step = STEPS.find((each) => shown / each <= 6) ?? Math.ceil(shown / 864e5 / 6) * 864e5;
    ticks.replaceChildren();
    for (let time = Math.ceil(from / step) * step; time <= from + shown; time += step) {
      const part = (time - start) / length, at = (time - from) / shown;
      const label = make("text", { x: percent(part), y: Number(height) + 16, "text-anchor": at < 0.05 ? "start" : at > 0.95 ? "end" : "middle" });
      label.textContent = clock(time, step);
      ticks.append(make("line", { x1: percent(part), x2: percent(part), y1: 0, y2: height }), label);
    }
  };
  const draw = () => {
    for (const mark of marks) {
      const begin = Number(mark.dataset.a), end = Number(mark.dataset.b ?? begin);
      const from = Math.max(begin, chosen.begin), to = Math.min(end, chosen.end);
      mark.toggleAttribute("hidden", from > to);
      mark.setAttribute("x", percent(from));
      if (mark.dataset.b !== undefined) mark.setAttribute("width", `${(100 * Math.max(0, to - from)) / (chosen.end - chosen.begin)}%`);
    }
    drawTicks();
  };
  const choose = (begin, end) => {
    const least = Math.min(1, 1 / Math.max(1, length));
    if (end - begin < least) return;
    Object.assign(chosen, { begin: Math.max(0, begin), end: Math.min(1, end) });
    apply();
  };
  const zoom = (factor) => {
    const middle = (chosen.begin + chosen.end) / 2, half = ((chosen.end - chosen.begin) * factor) / 2;
    choose(Math.max(0, middle - half), Math.min(1, middle + half));
  };
  one("#zoom-in").addEventListener("click", () => zoom(0.5));
  one("#zoom-out").addEventListener("click", () => zoom(2));
  one("#zoom-all").addEventListener("click", () => choose(0, 1));
  one(".zoom").hidden = false;

  let from = null, dragged = false;
  const place = (event) => {
    const box = drawing.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button === 0) { from = place(event); dragged = false; }
  });
  drawing.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const to = place(event);
    dragged = dragged || Math.abs(to - from) > 0.01;
    range.toggleAttribute("hidden", !dragged);
    range.setAttribute("x", `${100 * Math.min(from, to)}%`);
    range.setAttribute("width", `${100 * Math.abs(to - from)}%`);
  });
  addEventListener("pointerup", (event) => {
    if (from === null) return;
    const [a, b] = [from, place(event)].sort((x, y) => x - y), wide = chosen.end - chosen.begin;
    range.setAttribute("hidden", "");
    from = null;
    if (dragged) choose(chosen.begin + a * wide, chosen.begin + b * wide);
  });
  drawing.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  listeners.push(draw);
})();
