// The reading age of a text as soon as it is left, and the preview of a page beside it as it is asked for.
// Without this file the figures come with the next save, and the preview opens in a window of its own.
(() => {
  "use strict";
  if (!window.fetch) return;

  const boxes = [...document.querySelectorAll(".text-box")];

  const ask = async (address, form, fields) => {
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
        show(await ask(box.dataset.ages, area.form, [box.dataset.field]));
      } catch {
        box.querySelector(".reading-age [aria-live]").textContent = "Not known just now: the site did not answer.";
      }
    });

    const button = box.querySelector("button[data-preview]");
    if (!button) continue;
    const pane = box.querySelector("iframe");
    const status = box.querySelector("[role=status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = "One moment …";
      try {
        const { html, ages } = await ask(button.dataset.preview, area.form, ["title", "lead", "body"]);
        pane.srcdoc = html;
        pane.hidden = false;
        box.classList.add("previewed");
        button.textContent = "Preview again";
        status.textContent = "The preview shows what you typed. It is not saved.";
        show(ages);
      } catch {
        status.textContent = "No preview: the site did not answer, or you are no longer logged in. What you typed is still here.";
      }
    });
  }
})();
