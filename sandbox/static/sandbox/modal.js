/*
 * What the modal tells the page that embeds it, in the messages of Alloy's own modal:
 *
 * {showModal: true}                              input is needed after all (opened with hide=true)
 * {workflowCreated: true, workflowIds, ...}      installed
 * {closeModal: true}                             closed: the X, Escape, or the "done" screen's button
 *
 * The server says which message a page stands for, in the body's data attributes.
 */
(() => {
  "use strict";

  const { message, submit } = document.body.dataset;
  const tell = (what) => window.parent.postMessage(what, "*");
  const close = () => tell({ closeModal: true });

  if (message) tell(JSON.parse(message));

  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", close);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  if (submit) document.getElementById(submit).requestSubmit();
})();
