// Toasts, the browser's time zone, and Trusted Types for htmx. What keeps pages live is integrations/live.js.
(() => {
  "use strict";

  // htmx puts our own fragments into the page as text. Nothing may make a script of a text, though.
  window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

  // The server writes all times; this is how it learns where they are read: accounts/preferences.py.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  if (zone && !document.cookie.split("; ").includes(`timezone=${zone}`)) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
  }

  // On a phone the navigation is one row, which may be longer than the screen is wide.
  document.querySelector(".site-header [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  const TOAST_MS = 12_000;

  // Toasts leave by themselves, but not from under a pointer or the keyboard.
  function leaveLater(element) {
    setTimeout(() => (element.matches(":hover, :focus-within") ? leaveLater(element) : element.remove()), TOAST_MS);
  }

  const arrivals = (changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]);
  const isToast = (node) => node instanceof Element && node.matches(".toast");
  new MutationObserver((changes) => arrivals(changes).filter(isToast).forEach(leaveLater))
    .observe(document.getElementById("toasts"), { childList: true });
})();
