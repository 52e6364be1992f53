"use strict";
// Replaces the parts of the page as the server sends them. They are HTML that the server has escaped; nothing else runs here.
const link = document.getElementById("link"), said = document.getElementById("said");
function put(id, html) {
  const part = document.getElementById(id), chosen = document.getSelection();
  if (!part || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode))) return;
  const opened = Array.from(part.querySelectorAll("details[open]"), (each) => each.id);
  const focus = part.contains(document.activeElement) ? document.activeElement.closest("[id]") : null;
  part.innerHTML = html;
  for (const each of opened) { const again = document.getElementById(each); if (again) again.open = true; }
  if (focus && focus.id !== id) { const again = document.getElementById(focus.id); if (again) (again.querySelector("summary") || again).focus(); }
}
const source = new EventSource("events");
source.addEventListener("open", () => { link.textContent = ""; link.classList.remove("lost"); });
source.addEventListener("error", () => { link.textContent = "Nothing comes from the watch: trying again."; link.classList.add("lost"); });
source.addEventListener("parts", (event) => {
  const parts = JSON.parse(event.data);
  for (const id of Object.keys(parts)) put(id, parts[id]);
  const newest = "findings" in parts && document.querySelector("#findings .mild");
  if (newest) said.textContent = newest.textContent;
});
source.addEventListener("over", () => { source.close(); link.textContent = "The watch has ended."; link.classList.remove("lost"); });
