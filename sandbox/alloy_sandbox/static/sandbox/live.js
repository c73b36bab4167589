/*
 * Keeps marked parts of a page current without a reload, and says times the way people do.
 *
 * <div data-live="/fragment/">  is refilled from that address every two seconds, and only when
 * something changed, so that a reader's focus and selection stay where they are; and never while
 * a button is held down, since a click that ends on another element than it began on is none.
 * <time datetime="…">           reads as "5 minutes ago"; the exact time is in its title.
 */
(() => {
  "use strict";

  const EVERY = 2000;
  const UNITS = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

  const tens = (seconds) => Math.trunc(seconds / 10) * 10;

  function ago(moment) {
    const seconds = (moment - Date.now()) / 1000;
    for (const [unit, size] of UNITS) {
      if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
    }
    return Math.abs(seconds) < 10 ? "just now" : words.format(tens(seconds), "second");
  }

  function tellTimes() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      time.textContent = ago(Date.parse(time.dateTime));
    }
  }

  function refill(part, html) {
    const focused = part.contains(document.activeElement) && document.activeElement.id;
    part.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
    tellTimes();
  }

  const shown = new WeakMap();
  let isHeld = false;

  /** The HTML as the browser writes it down again, so that it can be compared with a part's own. */
  function rewritten(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.innerHTML.trim();
  }

  async function refresh(part) {
    const response = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const html = rewritten(await response.text());
    if (isHeld || html === shown.get(part)) return;
    shown.set(part, html);
    refill(part, html);
  }

  async function keepCurrent(part) {
    if (!document.hidden) await refresh(part).catch(() => undefined);
    setTimeout(() => keepCurrent(part), EVERY);
  }

  document.addEventListener("pointerdown", (event) => (isHeld = event.button === 0));
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => (isHeld = false));
  }
  for (const part of document.querySelectorAll("[data-live]")) {
    shown.set(part, part.innerHTML.trim());
    setTimeout(() => keepCurrent(part), EVERY);
  }
  tellTimes();
  setInterval(tellTimes, 10000);
})();
