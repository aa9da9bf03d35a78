// Keys, focus and what screen readers are told. All else are links and forms, which work without this file.
"use strict";

(() => {
  let busy = false; // a page is on its way, or not ready: a key must not answer a row that nobody has seen

  const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* then for this page alone */ } };
  const writes = (element) => element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const openDialog = () => document.querySelector("dialog[open]");
  const currentLine = () => document.activeElement && document.activeElement.closest("[data-line]");

  function settle() {
    busy = false;
    document.body.toggleAttribute("data-keys-off", stored("askew-keys") === "off");
    const told = document.querySelector("[data-said]");
    const said = document.getElementById("said");
    if (said) said.textContent = told ? told.dataset.said : "";
    const keys = document.getElementById("keys-on");
    if (keys) keys.checked = stored("askew-keys") !== "off";
    hideMarks();
  }

  function hideMarks() {
    const card = document.querySelector("[data-pictures]:not(.bare)");
    if (card && stored("askew-bare") === "yes") toggle(card.querySelector("[data-toggle]"));
  }

  function toggle(button) {
    const on = button.closest("[data-pictures]").classList.toggle(button.dataset.toggle);
    button.setAttribute("aria-pressed", String(on));
    store(`askew-${button.dataset.toggle}`, on ? "yes" : "no");
  }

  function moveLine(step) {
    const links = [...document.querySelectorAll("[data-open-line]")];
    if (!links.length) return false;
    const line = currentLine();
    const at = line ? links.findIndex((link) => line.contains(link)) : -1;
    const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    next.focus();
    next.closest("[data-line]").scrollIntoView({ block: "nearest" });
    return true;
  }

  // What a key presses: in the line that has the focus, or else on the page.
  function pressed(key) {
    const quoted = `[data-key="${CSS.escape(key)}"]`;
    const line = currentLine();
    const within = line && line.querySelector(quoted);
    return within || [...document.querySelectorAll(quoted)].find((each) => !each.closest("[data-line]") && !each.disabled);
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writes(target)) {
      const leaves = event.key === "Escape" || (event.key === "Enter" && target.name === "reason");
      if (!leaves) return;
      event.preventDefault();
      const title = document.getElementById("title");
      if (title) title.focus({ preventScroll: true }); else target.blur();
      return;
    }
    if (openDialog() || document.body.hasAttribute("data-keys-off")) {
      if (event.key === "?" && !openDialog()) document.getElementById("help").showModal();
      return;
    }
    if ((event.key === "j" || event.key === "ArrowDown") && moveLine(1)) { event.preventDefault(); return; }
    if ((event.key === "k" || event.key === "ArrowUp") && moveLine(-1)) { event.preventDefault(); return; }
    const key = event.key === "ArrowLeft" ? "b" : event.key.toLowerCase();
    const field = document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
    if (field) { event.preventDefault(); field.focus(); field.select(); return; }
    const found = key.length === 1 && pressed(key);
    if (!found) return;
    event.preventDefault();
    if (!busy && !event.repeat) found.click();
  });

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open).showModal();
    const toggles = event.target.closest("[data-toggle]");
    if (toggles) toggle(toggles);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-on") { store("askew-keys", event.target.checked ? "on" : "off"); settle(); }
    const chosen = document.getElementById("chosen");
    if (chosen && event.target.name === "row") {
      const n = document.querySelectorAll("input[name=row]:checked").length;
      chosen.textContent = n ? `${n} marked` : chosen.dataset.hint || "";
    }
  });

  document.addEventListener("input", (event) => {
    const rows = event.target.dataset && event.target.dataset.filter;
    if (!rows) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const row of document.querySelectorAll(`${rows} tbody tr`)) {
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
    }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.boosted || event.detail.requestConfig.verb === "post") busy = true; // until it has settled
  });
  for (const name of ["htmx:sendError", "htmx:sendAbort", "htmx:timeout", "htmx:swapError"]) {
    document.addEventListener(name, () => { busy = false; });
  }
  document.addEventListener("htmx:sendError", () => { const lost = document.getElementById("lost"); if (lost) lost.hidden = false; });
  document.addEventListener("htmx:afterSettle", (event) => {
    const swapped = event.detail.target;
    const part = event.detail.requestConfig && event.detail.requestConfig.verb === "get" && !event.detail.boosted;
    if (part) { hideMarks(); return; } // the state of the model, or reasons: the page around them is as it was
    settle();
    if (swapped === document.body) {
      const title = document.querySelector("[data-focus]");
      if (title) title.focus({ preventScroll: true });
    } else if (event.detail.elt.matches("[data-line]")) {
      event.detail.elt.querySelector("[data-open-line]").focus({ preventScroll: true });
    }
  });
  document.addEventListener("DOMContentLoaded", settle);
})();
