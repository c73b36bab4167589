/*
 * Keeps marked parts of a page current without a reload, and says times the way people do.
 *
 * <div data-live="/fragment/">  is refilled from that address every two seconds, and only when
 * something changed, so that a reader's focus and selection stay where they are.
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

  async function refresh(part) {
    const response = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const html = await response.text();
    const before = shown.get(part);
    shown.set(part, html);
    if (html !== before) refill(part, html);
  }

  async function keepCurrent(part) {
    if (!document.hidden) await refresh(part).catch(() => undefined);
    setTimeout(() => keepCurrent(part), EVERY);
  }

  tellTimes();
  setInterval(tellTimes, 10000);
  for (const part of document.querySelectorAll("[data-live]")) {
    setTimeout(() => keepCurrent(part), EVERY);
  }
})();
