// The list page without a reload: a changed filter submits itself, focus and scroll stay, the new count is announced.
// Everything works without this file; it only spares the button.
(() => {
  "use strict";
  const page = document.getElementById("list-page");
  const status = document.getElementById("list-status");
  if (!page || !window.fetch || !window.history.pushState) return;

  let running = null;
  let here = location.pathname + location.search;

  const address = (form) => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) asked.append(name, value.trim());
    const query = asked.toString();
    return form.action + (query ? "?" + query : "");
  };

  const show = async (url, push) => {
    if (running) running.abort();
    const mine = (running = new AbortController());
    page.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.getElementById("list-page");
      if (!part) throw new Error("no list in the answer");
      const focused = document.activeElement && page.contains(document.activeElement) ? document.activeElement : null;
      const unfolded = page.querySelector("details.more-filters")?.open;
      const typed = focused?.id === "q" ? focused.value : null;
      document.querySelectorAll(".definition").forEach((old) => old.remove());
      page.replaceChildren(...part.childNodes);
      document.getElementById("main").append(...fresh.querySelectorAll(".definition"));
      if (unfolded) page.querySelector("details.more-filters").open = true;
      const again = focused?.id && document.getElementById(focused.id);
      if (again) {
        if (typed !== null) again.value = typed;
        // A box that was let go and now has nothing to show takes no focus: its neighbour does.
        const able = again.disabled ? again.closest("fieldset").querySelector(":enabled") : again;
        (able || document.getElementById("q")).focus({ preventScroll: true });
      }
      document.title = fresh.title;
      if (push) history.pushState(null, "", url);
      here = location.pathname + location.search;
      status.textContent = document.getElementById("count")?.textContent || "";
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(url);
    } finally {
      if (running === mine) page.removeAttribute("aria-busy");
    }
  };

  page.addEventListener("change", (event) => {
    if (event.target.form?.id === "filters" && event.target.type !== "search") show(address(event.target.form), true);
  });
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    show(address(event.target), true);
  });
  window.addEventListener("popstate", () => {
    // A leap to a place on this page is a step in the history too, and changes nothing here.
    const before = here;
    here = location.pathname + location.search;
    if (here !== before) show(location.href, false);
  });
})();
