// Ask before a form with unsaved changes is left. Everything works without this file; only the question is missing.
(() => {
  "use strict";
  const form = document.querySelector("#content-main > form[id$='_form']");
  if (!form) return;
  let changed = Boolean(form.querySelector(".errornote")); // what was typed came back, and is not saved
  let sending = false;
  const note = () => {
    changed = true;
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  document.addEventListener("formset:removed", note);
  form.addEventListener("submit", () => {
    sending = true;
  });
  window.addEventListener("pageshow", () => {
    sending = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sending) event.preventDefault();
  });
})();
