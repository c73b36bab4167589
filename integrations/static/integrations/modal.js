// Opens Alloy's modal with the token that the server fetched for this click.
//
// Alloy's callback is a hint and nothing more: it may come twice, it comes for a cancel too, and
// an earlier modal's listener may answer for a later one. So it only ever has the server look again.
(() => {
  "use strict";

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
    const { alloyToken, integrationId, operation, name } = carrier.dataset;
    carrier.remove();
    return { alloyToken, integrationId, operation, name };
  }

  async function openModal({ alloyToken, integrationId, operation, name }) {
    if (!(await sdkIsThere())) {
      say("Our integration partner's window could not be loaded. Check your connection and your ad blocker, then reload the page.");
      return;
    }
    try {
      window.Alloy.setToken(alloyToken);
      window.Alloy[operation]({ integrationId, callback: once(lookAgain) });
      lookAfterTheFrame(name, `connect-${integrationId}`);
    } catch {
      say("The connection window could not be opened. Reload the page and try again.");
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

  // The SDK leaves its frame without a name and the keyboard outside; afterwards it goes back.
  function lookAfterTheFrame(name, buttonId) {
    const frame = frameOfModal();
    if (!frame) return;
    frame.title = `Connect ${name}`;
    frame.focus();
    const observer = new MutationObserver(() => {
      if (frame.isConnected) return;
      observer.disconnect();
      document.getElementById(buttonId)?.focus();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  }

  const notice = () => document.getElementById("integrations-notice");

  function say(text) {
    const said = Object.assign(document.createElement("p"), { className: "notice error", textContent: text });
    notice().replaceChildren(said);
  }
})();
