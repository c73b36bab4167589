// Opens Alloy's modal with the token that the server fetched for this click.
//
// Alloy's callback is a hint and nothing more: it may come twice, it comes for a cancel too, and
// an earlier modal's listener may answer for a later one. So it only ever has the server look again.
(() => {
  "use strict";

  const texts = document.currentScript.dataset; // in the reader's language: _scripts.html

  const SDK_PATIENCE_MS = 5_000;
  const frameOfModal = () => document.querySelector("iframe[src*='/forge-install']");

  document.addEventListener("htmx:afterSettle", () => {
    const carrier = document.querySelector("[data-alloy-token]");
    if (carrier) openModal(take(carrier));
  });

  // "Too often" comes as a notice to show, not as a failure.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 429) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // What was said about the last click does not outlive the next one.
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.detail.elt.matches("form[method='post']")) notice().replaceChildren();
  });

  // The SDK closes its window at a click beside it: there the second half of a double click lands.
  document.addEventListener(
    "click",
    (event) => {
      if (event.detail > 1 && frameOfModal()) event.stopPropagation();
    },
    { capture: true },
  );

  // The token leaves the page before anything else happens.
  function take(carrier) {
    const { alloyToken, integrationId, operation, title } = carrier.dataset;
    carrier.remove();
    return { alloyToken, integrationId, operation, title };
  }

  async function openModal({ alloyToken, integrationId, operation, title }) {
    if (!(await sdkIsThere())) {
      say(texts.notLoaded);
      return;
    }
    try {
      window.Alloy.setToken(alloyToken);
      window.Alloy[operation]({ integrationId, callback: once(lookAgain) });
      lookAfterTheFrame(title, `connect-${integrationId}`);
    } catch {
      say(texts.notOpened);
    }
  }

  // Once the page has loaded, the SDK's script has either arrived or failed.
  function sdkIsThere() {
    const isThere = () => Boolean(window.Alloy);
    if (isThere() || document.readyState === "complete") return Promise.resolve(isThere());
    return new Promise((resolve) => {
      window.addEventListener("load", () => resolve(isThere()), { once: true });
      setTimeout(() => resolve(isThere()), SDK_PATIENCE_MS);
    });
  }

  const lookAgain = () => document.getElementById("check-now").requestSubmit();

  function once(action) {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      action();
    };
  }

  // What the SDK leaves undone: its window is a dialog that the keyboard does not leave, and that
  // Escape closes; the page behind it is out of reach and stands still. Afterwards all is as before.
  function lookAfterTheFrame(title, buttonId) {
    const frame = frameOfModal();
    if (!frame) return;
    const modal = topmost(frame);
    const behind = [...document.body.children].filter((each) => each !== modal && !each.inert);
    for (const each of behind) each.inert = true;
    document.documentElement.classList.add("alloy-window-open");
    for (const [key, value] of Object.entries({ role: "dialog", "aria-modal": "true", "aria-label": title })) {
      modal.setAttribute(key, value);
    }
    frame.title = title;
    const close = closeButton(frame, modal);
    const enter = () => frame.focus();
    modal.prepend(edge(() => close.focus()));
    modal.append(close, edge(enter));
    frame.addEventListener("load", enter); // each step of Alloy's is a page of its own
    enter();

    const onKey = (event) => { if (event.key === "Escape") close.click(); };
    document.addEventListener("keydown", onKey);
    const observer = new MutationObserver(() => {
      if (frame.isConnected) return;
      observer.disconnect();
      document.removeEventListener("keydown", onKey);
      document.documentElement.classList.remove("alloy-window-open");
      for (const each of behind) each.inert = false;
      document.getElementById(buttonId)?.focus();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  }

  const topmost = (element) => (element.parentElement === document.body ? element : topmost(element.parentElement));

  // Keys pressed in Alloy's frame are Alloy's, so there is a way out that needs no key: the SDK
  // closes its window at a click beside it.
  function closeButton(frame, modal) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "alloy-window-close", textContent: texts.close });
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      frame.parentElement.parentElement.click();
      modal.remove();
    });
    return button;
  }

  // Whoever tabs out at one end comes in at the other.
  function edge(go) {
    const sentinel = Object.assign(document.createElement("span"), { tabIndex: 0 });
    sentinel.addEventListener("focus", go);
    return sentinel;
  }

  const notice = () => document.getElementById("integrations-notice");

  function say(text) {
    const said = Object.assign(document.createElement("p"), { className: "notice error", textContent: text });
    notice().replaceChildren(said);
  }
})();
