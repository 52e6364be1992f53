// What a script adds to a report that is complete without it: filters, search, keys, copying, printing.
"use strict";
const dicomsniff = (() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const said = one("#said");

  // --- copying -------------------------------------------------------------------------------------------------
  const copyByHand = (text) => { // where the page has no clipboard, as from disk in some browsers
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };
  const copy = async (button) => {
    const text = button.dataset.copy;
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch { done = copyByHand(text); }
    button.classList.toggle("copied", done);
    button.textContent = done ? "Copied" : "Select and copy";
    said.textContent = done ? `Copied: ${text}` : "";
    setTimeout(() => { button.classList.remove("copied"); button.textContent = "Copy"; }, 1500);
  };
  all("button.copy").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
    const code = event.target.closest("code.filter");
    if (code && code.nextElementSibling?.matches("button.copy") && getSelection().isCollapsed) copy(code.nextElementSibling);
  });

  // --- opening -------------------------------------------------------------------------------------------------
  const reveal = (element) => {
    for (let at = element; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) { reveal(target); target.scrollIntoView(); }
  };
  addEventListener("hashchange", follow);
  follow();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open], .hex, .bulk)");
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));

  // --- filters -------------------------------------------------------------------------------------------------
  const form = one("#filter"), search = one("#search"), counted = one("#filter-count");
  const selects = all("select[data-facet]", form);
  const items = all(".item");
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const wanted = () => ({
    words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    facets: selects.filter((select) => select.value !== "").map((select) => [select.dataset.facet, select.value]),
  });
  const within = ({ a, b }) => a === undefined || (Number(b) >= chosen.begin && Number(a) <= chosen.end);
  const fits = (item, { words, facets }) => within(item.dataset) &&
    facets.every(([name, value]) => {
      const own = item.dataset[name];
      return own === undefined || (name === "severity" ? own === value : own.includes(` ${value} `));
    }) && words.every((word) => textOf(item).includes(word));
  const chosen = { begin: 0, end: 1 }; // the part of the capture's time that is looked at
  const listeners = [];
  const apply = () => {
    const wish = wanted();
    const active = wish.words.length + wish.facets.length > 0 || chosen.begin > 0 || chosen.end < 1;
    let shown = 0;
    for (const item of items) {
      item.hidden = active && !fits(item, wish);
      shown += !item.hidden;
    }
    for (const group of all("details.group")) {
      group.hidden = active && !one(".item:not([hidden])", group);
      if (active && !group.hidden) group.open = true;
    }
    selects.forEach((select) => select.classList.toggle("set", select.value !== ""));
    counted.textContent = active ? `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} shown` : "";
    listeners.forEach((listener) => listener({ ...wish, active, chosen }));
  };
  const clear = () => {
    Object.assign(chosen, { begin: 0, end: 1 });
    search.value = "";
    selects.forEach((select) => { select.value = ""; });
    apply();
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  one("#filter-clear").addEventListener("click", clear);
  document.addEventListener("click", (event) => { // a line of the network chooses its two ends
    const picked = event.target.closest("a.pick");
    for (const select of picked ? selects : []) {
      const value = picked.dataset[`pick${select.dataset.facet[0].toUpperCase()}${select.dataset.facet.slice(1)}`];
      if (value !== undefined && [...select.options].some((option) => option.value === value)) select.value = value;
    }
    if (picked) apply();
  });
  form.hidden = false;

  // --- keys ----------------------------------------------------------------------------------------------------
  const keys = one("#keys");
  one("#keys-open").addEventListener("click", () => keys.showModal());
  one("#keys-close").addEventListener("click", () => keys.close());
  const handle = (item) => one(":scope > summary", item) ?? item;
  const current = () => document.activeElement?.closest(".item");
  const move = (step) => {
    const visible = items.filter((item) => !item.hidden && item.offsetParent !== null);
    if (!visible.length) return;
    const at = visible.indexOf(current());
    const next = visible[Math.min(Math.max(at < 0 && step < 0 ? 0 : at + step, 0), visible.length - 1)];
    handle(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "start" });
  };
  const toggle = () => {
    const details = current()?.closest("details");
    if (details) details.open = !details.open;
  };
  const toggleAll = () => {
    const closed = all("main details:not([open], .hex, .bulk)");
    (closed.length ? closed : all("main details[open]")).forEach((details) => { details.open = closed.length > 0; });
  };
  const actions = {
    "/": () => { search.focus(); search.select(); },
    "?": () => keys.showModal(),
    j: () => move(1),
    k: () => move(-1),
    o: toggle,
    c: () => { const button = current() && one("button.copy", current()); if (button) copy(button); },
    e: toggleAll,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !keys.open) {
      if (document.activeElement === search) search.blur();
      clear();
    } else if (!event.target.matches("input, select, textarea") && !keys.open && Object.hasOwn(actions, event.key)) {
      event.preventDefault();
      actions[event.key]();
    }
  });
  return { one, all, apply, clear, chosen, listeners };
})();
