// The forms of the admin work without this file.

// Ask before a form with unsaved changes is left.
(() => {
  "use strict";
  const form = document.querySelector("#content-main > form[id$='_form']");
  if (!form) return;
  let changed = Boolean(form.querySelector(".errornote")); // what was sent was not saved
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

// Show the reading age of a text when it is left, and the preview of a page when it is asked for.
(() => {
  "use strict";
  if (!window.fetch) return;

  const boxes = [...document.querySelectorAll(".text-box")];

  const fetchJson = async (address, form, fields) => {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const name of fields) if (form.elements[name]) sent.append(name, form.elements[name].value);
    const answer = await fetch(address, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    return answer.json();
  };

  const show = (ages) => {
    for (const box of boxes) {
      const figure = box.querySelector(".reading-age [aria-live]");
      const age = ages[box.dataset.field];
      if (age && figure.textContent !== age) figure.textContent = age;
    }
  };

  for (const box of boxes) {
    const area = box.querySelector("textarea");
    area.addEventListener("change", async () => {
      try {
        show(await fetchJson(box.dataset.ages, area.form, [box.dataset.field]));
      } catch {
        box.querySelector(".reading-age [aria-live]").textContent = "Not known: the site did not answer.";
      }
    });

    const button = box.querySelector("button[data-preview]");
    if (!button) continue;
    const frame = box.querySelector("iframe");
    const status = box.querySelector("[role=status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = "Loading …";
      try {
        const { html, ages } = await fetchJson(button.dataset.preview, area.form, ["title", "lead", "body"]);
        frame.srcdoc = html;
        frame.hidden = false;
        box.classList.add("previewed");
        button.textContent = "Preview again";
        status.textContent = "The preview shows the text as it is now. It is not saved.";
        show(ages);
      } catch {
        status.textContent =
          "No preview: the site did not answer, or you are not logged in any more. Your text is still here.";
      }
    });
  }
})();

// Django's list of chosen and other values names its icons without a role that may have a name.
window.addEventListener("load", () => {
  for (const icon of document.querySelectorAll(".search-label-icon[aria-label]")) icon.setAttribute("role", "img");
});
