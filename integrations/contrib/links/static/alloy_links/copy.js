// Copies what a field holds, and selects a field that is to be copied once it is entered.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    const notice = document.getElementById(field.dataset.copy);
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        notice.textContent = button.dataset.copied;
      } catch {
        field.focus();
        notice.textContent = button.dataset.byHand;
      }
    });
  }
})();
