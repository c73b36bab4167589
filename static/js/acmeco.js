// What htmx cannot be told in attributes. No page needs this file to work; with it, pages stay live.
(() => {
  "use strict";

  // htmx puts our own fragments into the page as text. Nothing may make a script of a text, though.
  window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

  const TOAST_MS = 12_000;
  const TIMES_MS = 30_000;

  const on = (name, handler) => document.addEventListener(name, handler);
  const isPoll = (event) => event.detail.elt.matches("[data-live]");

  // A page nobody looks at asks for nothing; polls say `visibilitychange from:document` to catch up.
  on("htmx:beforeRequest", (event) => {
    if (isPoll(event) && document.hidden) event.preventDefault();
  });

  // A fragment that was redirected is a login page: the session has ended, so let the page say so.
  on("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.finalRequestPath, location.href).pathname;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  // A click ends where it began, or it is none: what a poll brings waits while a button is held.
  let isHeld = false;
  let isBehind = false;
  function letGo() {
    isHeld = false;
    if (isBehind) document.dispatchEvent(new Event("visibilitychange"));
    isBehind = false;
  }
  on("pointerdown", (event) => { isHeld = event.button === 0; });
  on("pointerup", letGo);
  on("pointercancel", letGo);
  on("htmx:beforeSwap", (event) => {
    if (!isHeld || !isPoll(event) || !event.detail.shouldSwap) return;
    event.detail.shouldSwap = false;
    isBehind = true;
  });

  // Whoever clicked sees at once that something happens, and hears it when it fails.
  const submitterOf = (event) => event.detail.requestConfig?.triggeringEvent?.submitter;
  on("htmx:beforeSend", (event) => submitterOf(event)?.setAttribute("aria-busy", "true"));
  on("htmx:afterRequest", (event) => submitterOf(event)?.removeAttribute("aria-busy"));
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    on(failure, (event) => {
      if (!isPoll(event)) toast("That did not work. Reload the page and try again.");
    });
  }

  function toast(text) {
    const element = Object.assign(document.createElement("p"), { className: "toast", textContent: text });
    document.getElementById("toasts").append(element);
  }

  // Toasts leave by themselves, but not from under a pointer or the keyboard.
  function leaveLater(element) {
    setTimeout(() => (element.matches(":hover, :focus-within") ? leaveLater(element) : element.remove()), TOAST_MS);
  }

  // What was unfolded stays unfolded when newer content takes its place.
  let unfolded = [];
  on("htmx:beforeSwap", () => {
    unfolded = [...document.querySelectorAll("details[id][open]")].map((each) => each.id);
  });
  on("htmx:afterSettle", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  });

  // "3 minutes ago" grows older while the page is open.
  const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const inWords = new Intl.RelativeTimeFormat("en");
  function refreshTimes() {
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
      const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? [];
      if (unit) element.textContent = inWords.format(Math.trunc(seconds / length), unit);
    }
  }

  const arrivals = (changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]);
  const isToast = (node) => node instanceof Element && node.matches(".toast");
  new MutationObserver((changes) => arrivals(changes).filter(isToast).forEach(leaveLater))
    .observe(document.getElementById("toasts"), { childList: true });
  setInterval(refreshTimes, TIMES_MS);
})();
