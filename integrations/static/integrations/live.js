// What htmx cannot be told in attributes. No page needs this file to work; with it, pages stay live.
(() => {
  "use strict";

  const texts = document.currentScript.dataset; // in the reader's language: _live.html

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

  // A click ends where it began, or it is none, and its answer has to find its form in the page: what
  // else comes for that part waits while a button is held, and until the answer is there.
  let isHeld = false;
  let isBehind = false;
  const underWay = new Set();
  const askedBy = (event) => event.detail.requestConfig?.elt; // `detail.elt` may be what is replaced
  const isAwaited = (part) => [...underWay].some((each) => part.contains(each));
  function defer(event) {
    event.detail.shouldSwap = false;
    isBehind = true;
  }
  function catchUp() {
    if (isHeld || underWay.size) return;
    if (isBehind) document.dispatchEvent(new Event("visibilitychange"));
    isBehind = false;
  }
  function letGo() {
    isHeld = false;
    catchUp();
  }
  on("pointerdown", (event) => { isHeld = event.button === 0; });
  on("pointerup", letGo);
  on("pointercancel", letGo);
  on("htmx:beforeSwap", (event) => {
    const { shouldSwap, target } = event.detail;
    underWay.delete(askedBy(event));
    if (isPoll(event) && shouldSwap && (isHeld || isAwaited(target))) defer(event);
  });
  on("htmx:oobBeforeSwap", (event) => {
    if (isAwaited(event.detail.target)) defer(event);
  });

  // Whoever clicked sees at once that something happens, and hears it when it fails.
  const submitterOf = (event) => event.detail.requestConfig?.triggeringEvent?.submitter;
  on("htmx:beforeSend", (event) => {
    if (isPoll(event)) return;
    underWay.add(askedBy(event));
    submitterOf(event)?.setAttribute("aria-busy", "true");
  });
  on("htmx:afterRequest", (event) => {
    submitterOf(event)?.removeAttribute("aria-busy");
    underWay.delete(askedBy(event));
    catchUp();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    on(failure, (event) => {
      if (!isPoll(event)) say(texts.failed);
    });
  }

  // A host that shows toasts has a place for them; else it stands where the page says what happened.
  function say(text) {
    const place = document.getElementById("toasts") ?? document.getElementById("integrations-notice");
    const className = place?.id === "toasts" ? "toast" : "notice error";
    place?.append(Object.assign(document.createElement("p"), { className, textContent: text }));
  }

  // What a page says as it opens is text already, and a screen reader speaks only what is added.
  on("DOMContentLoaded", () => {
    const said = [...document.querySelectorAll(".notice[role='status'], [role='status'] > .notice")];
    const voice = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
    if (!said.length) return;
    document.querySelector(".alloy").append(voice);
    setTimeout(() => { voice.textContent = said.map((each) => each.textContent).join(" "); }, 500);
    setTimeout(() => voice.remove(), 5_000);
  });

  // What was unfolded stays unfolded when newer content takes its place.
  let unfolded = [];
  on("htmx:beforeSwap", () => {
    unfolded = [...document.querySelectorAll("details[id][open]")].map((each) => each.id);
  });
  on("htmx:afterSettle", () => {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  });

  // Where a picture cannot be had, the letter that stands behind it is seen.
  const isIcon = (element) => element.matches?.(".icon > img");
  addEventListener("error", (event) => isIcon(event.target) && event.target.remove(), true);
  for (const image of document.querySelectorAll(".icon > img")) {
    if (image.complete && !image.naturalWidth) image.remove();
  }

  // "3 minutes ago" grows older while the page is open.
  const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const inWords = new Intl.RelativeTimeFormat(`${document.documentElement.lang || "en"}-u-nu-latn`);
  function refreshTimes() {
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
      const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? [];
      if (unit) element.textContent = inWords.format(Math.trunc(seconds / length), unit);
    }
  }

  setInterval(refreshTimes, TIMES_MS);
})();
