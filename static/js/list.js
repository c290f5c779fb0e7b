// The list page without a reload: a changed filter submits itself, and links to the list change it in place. After a
// form or a link the number of studies has the focus; after a ticked box the box keeps it and the number is announced.
// Everything works without this file.
(() => {
  "use strict";
  const page = document.getElementById("list-page");
  const status = document.getElementById("list-status");
  if (!page || !window.fetch || !window.history.pushState) return;

  let running = null;
  let here = location.pathname + location.search;

  const count = () => document.getElementById("count");

  const listOf = (form, asked) => {
    const query = asked.toString();
    return form.action.split("#")[0] + (query ? "?" + query : "");
  };

  const address = (form, button) => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form, button)) if (value.trim()) asked.append(name, value.trim());
    return listOf(form, asked);
  };

  // The list as it is, at its page, with the studies that are ticked for a comparison.
  const addressWithTicks = (form) => {
    const asked = new URLSearchParams(location.search);
    asked.delete("trial");
    for (const slug of new FormData(form).getAll("trial")) asked.append("trial", slug);
    return listOf(form, asked);
  };

  const focusCount = () => {
    count().scrollIntoView({ block: "nearest" });
    count().focus({ preventScroll: true });
  };

  const nameButton = () => {
    const studies = count().dataset.studies;
    if (studies)
      document.getElementById("show").textContent = `Show ${studies} ${studies === "1" ? "study" : "studies"}`;
  };

  // Return the control that has the place of the focused one in the new page, if it can have the focus.
  const sameControl = (focused) => {
    const again = focused?.id && document.getElementById(focused.id);
    if (!again || again === count()) return null;
    if (focused.id === "q") again.value = focused.value;
    // A box that was let go and now has nothing to show takes no focus: its neighbour does.
    return again.disabled ? again.closest("fieldset").querySelector(":enabled") : again;
  };

  const show = async (url, { push = true, toCount = true, fold = false } = {}) => {
    if (running) running.abort();
    const mine = (running = new AbortController());
    page.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.getElementById("list-page");
      if (!part) throw new Error("no list in the answer");
      const focused = page.contains(document.activeElement) ? document.activeElement : null;
      const unfolded = !fold && page.querySelector("details.filter-fold").open;
      document.querySelectorAll(".definition").forEach((old) => old.remove());
      page.className = part.className;
      page.replaceChildren(...part.childNodes);
      document.getElementById("main").append(...fresh.querySelectorAll(".definition"));
      page.querySelector("details.filter-fold").open = unfolded;
      nameButton();
      document.title = fresh.title;
      if (push) history.pushState(null, "", url);
      here = location.pathname + location.search;
      const control = toCount ? null : sameControl(focused);
      if (control) {
        control.focus({ preventScroll: true });
        status.textContent = count().textContent;
      } else if (toCount || focused) {
        status.textContent = ""; // the focus says it
        focusCount();
      }
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(url);
    } finally {
      if (running === mine) page.removeAttribute("aria-busy");
    }
  };

  nameButton();

  page.addEventListener("change", (event) => {
    const { form, type, name } = event.target;
    if (form?.id !== "filters" || type === "search") return;
    show(name === "trial" ? addressWithTicks(form) : address(form), { toCount: false });
  });
  page.addEventListener("submit", (event) => {
    if (event.target.id !== "filters" || event.submitter?.hasAttribute("formaction")) return; // to the comparison
    event.preventDefault();
    show(address(event.target, event.submitter), { fold: true });
  });
  page.addEventListener("search", (event) => {
    // The × of the box empties it. Enter sends the form by itself.
    if (!event.target.value && new URLSearchParams(location.search).has("q")) show(address(event.target.form));
  });
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || link.origin !== location.origin || link.pathname !== location.pathname) return;
    event.preventDefault();
    show(link.href.split("#")[0]);
  });
  window.addEventListener("popstate", () => {
    // A leap to a place on this page is a step in the history too, and changes nothing here.
    const before = here;
    here = location.pathname + location.search;
    if (here !== before) show(location.href, { push: false, toCount: false });
  });
})();
