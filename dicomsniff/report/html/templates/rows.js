// Operations inside the cards of associations: by service and status, with the page's choice or with one of the card's own.
(() => {
  const { one, all, listeners } = dicomsniff;
  const NAMES = ["service", "status"], LEAST = 6; // rows from which choosing among them is worth a control
  const shared = Object.fromEntries(NAMES.map((name) => [name, one(`#filter-${name}`)]));
  const texts = (name) => new Map([...(shared[name]?.options ?? [])].filter((option) => option.value).map((option) => [option.value, option.text]));
  const controls = new Map(); // of a table: its own selects and what it says

  const filter = (table) => {
    const { selects, said } = controls.get(table) ?? { selects: [], said: null };
    const wishes = NAMES.flatMap((name) => [shared[name]?.value, selects.find((each) => each.dataset.row === name)?.value].filter(Boolean).map((value) => [name, value]));
    const rows = all("tbody > tr", table);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !wishes.every(([name, value]) => row.dataset[name] === value);
      shown += !row.hidden;
    }
    if (said) said.textContent = shown < rows.length ? `${shown} of ${rows.length}` : "";
  };
  const equip = (table) => {
    if (controls.has(table)) return;
    const rows = all("tbody > tr", table), said = document.createElement("output"), selects = [];
    for (const name of rows.length < LEAST ? [] : NAMES) {
      const there = new Set(rows.map((row) => row.dataset[name])), known = texts(name);
      if (there.size < 2 || known.size < 2) continue;
      const select = document.createElement("select"), label = name === "service" ? "Every service" : "Every status";
      select.dataset.row = name;
      select.setAttribute("aria-label", `${label} of this association`);
      select.append(new Option(label, ""), ...[...known].filter(([value]) => there.has(value)).map(([value, text]) => new Option(text, value)));
      select.addEventListener("change", () => filter(table));
      selects.push(select);
    }
    controls.set(table, { selects, said });
    if (!selects.length) return;
    const line = document.createElement("p");
    line.className = "row-filter";
    line.append(...selects, said);
    table.closest(".scroll").before(line);
  };
  const tables = (root) => all(".exchanges > table", root);
  const opened = (card) => tables(card).forEach((table) => { equip(table); filter(table); });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.association[open]")) opened(event.target);
  }, true);
  all("details.association[open]").forEach(opened);
  listeners.push(() => all("details.association[open]").forEach((card) => tables(card).forEach(filter)));
})();
