/*
 * What the modal tells the page that embeds it, in the messages of Alloy's own modal:
 *
 * {showModal: true}                              input is needed after all (opened with hide=true)
 * {workflowCreated: true, workflowIds, ...}      installed
 * {closeModal: true}                             closed: the X, Escape, or the "done" screen's button
 *
 * The server says which message a page stands for, in the body's data attributes. The script is
 * loaded before the body is read: whatever can be seen can be closed.
 */
(() => {
  "use strict";

  const tell = (what) => window.parent.postMessage(what, "*");
  const close = () => tell({ closeModal: true });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  document.addEventListener("DOMContentLoaded", () => {
    const { message, submit } = document.body.dataset;
    if (message) tell(JSON.parse(message));
    if (submit) document.getElementById(submit).requestSubmit();
    // Each step begins at its first field, or at the one button where there is none.
    document.querySelector("#step .fields :is(input, select, textarea), .dialog__foot button")?.focus();
  });
})();
