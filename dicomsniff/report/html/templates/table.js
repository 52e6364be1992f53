// The table of all associations, where they are too many for the page: pages, order, filters and search over its data.
(() => {
  const { one, all, listeners } = dicomsniff;
  const block = one("script#data");
  if (!block) return;
  const { start, page, severities, names, rows } = JSON.parse(block.textContent);
  const SEVERITY = 10, DETAIL = 11, LISTS = { ae: 12, host: 13, service: 14, status: 15 };
  const span = rows.reduce((most, row) => Math.max(most, row[1] + row[2]), 1);
  const table = one("#association-table"), body = one("tbody", table), paging = one(".paging"), which = one(".page-which");
  let shown = rows, first = 0, order = 0, falling = false;

  const duration = (ms) => (ms < 1000 ? `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms` : ms < 1e5 ? `${(ms / 1000).toFixed(2)} s` : `${Math.floor(ms / 6e4)} min ${Math.round((ms % 6e4) / 1000)} s`);
  const cell = (text, name = "") => {
    const made = document.createElement("td");
    made.className = name;
    made.append(text);
    return made;
  };
  const end = (title, address) => {
    const made = cell(`${title} `), soft = document.createElement("span");
    soft.className = "soft nowrap";
    soft.textContent = address;
    made.append(soft);
    return made;
  };
  const link = (number) => {
    const made = document.createElement("a");
    made.href = `#association-${number}`;
    made.textContent = number;
    return made;
  };
  const draw = () => {
    body.replaceChildren(...shown.slice(first, first + page).map((row) => {
      const made = document.createElement("tr"), severity = severities[row[SEVERITY]];
      if (severity === "error" || severity === "warning") made.className = `bad ${severity}`;
      const time = new Date(start + row[1]).toISOString().slice(11, 23);
      made.append(cell(row[DETAIL] ? link(row[0]) : row[0], "number"), cell(time, "nowrap"), end(names[row[3]], names[row[5]]), end(names[row[4]], names[row[6]]),
        cell(names[row[7]]), cell(row[8], "number"), cell(row[9], "number"), cell(duration(row[2]), "number"), cell(severity));
      return made;
    }));
    const last = Math.min(first + page, shown.length), n = (number) => number.toLocaleString("en");
    which.textContent = shown.length ? `${n(first + 1)}–${n(last)} of ${n(shown.length)}${shown.length < rows.length ? ` (${n(rows.length)} in all)` : ""}` : "none fits the filter";
    one(".page-back", paging).disabled = first === 0;
    one(".page-next", paging).disabled = last >= shown.length;
  };
  const sort = () => {
    const key = order === 3 || order === 4 || order === 7 ? (row) => names[row[order]] : (row) => row[order];
    shown.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a[0] - b[0]) * (falling ? -1 : 1));
  };
  const fits = (row, { words, facets, chosen }) =>
    row[1] <= chosen.end * span && row[1] + row[2] >= chosen.begin * span &&
    facets.every(([name, value]) => (name === "severity" ? severities[row[SEVERITY]] === value : row[LISTS[name]].includes(Number(value)))) &&
    (words.length === 0 || words.every((word) => [row[0], ...[3, 4, 5, 6, 7].map((at) => names[row[at]])].join(" ").toLowerCase().includes(word)));
  const page_by = (step) => { first = Math.max(0, first + step * page); draw(); };

  for (const head of all("th[data-sort]", table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const chosen = Number(head.dataset.sort);
      falling = chosen === order && !falling;
      order = chosen;
      all("th[aria-sort]", table).forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      first = 0;
      sort();
      draw();
    });
    head.replaceChildren(button);
  }
  one(".page-back", paging).addEventListener("click", () => page_by(-1));
  one(".page-next", paging).addEventListener("click", () => page_by(1));
  one(".page-now", table).textContent = "";
  paging.hidden = false;
  listeners.push((wish) => { shown = rows.filter((row) => fits(row, wish)); first = 0; sort(); draw(); });
  shown = [...rows];
  draw();
})();
