// The forms of the admin work without this file.

// Where drafts are kept in this browser; null if it keeps nothing. They go when they are saved, at log-out, or after
// two weeks.
const drafts = (() => {
  "use strict";
  const PREFIX = "ardsinfo-draft:";
  const SENT = "ardsinfo-sent"; // the draft that was sent last
  const LONGEST = 14 * 24 * 3600 * 1000;
  try {
    const store = window.localStorage;
    const forget = (isOver) => {
      for (const key of Object.keys(store)) if (key.startsWith(PREFIX) && isOver(key)) store.removeItem(key);
    };
    forget((key) => !(JSON.parse(store[key]).at > Date.now() - LONGEST));
    document.querySelector("#logout-form")?.addEventListener("submit", () => forget(() => true));
    const sent = sessionStorage.getItem(SENT);
    if (sent && document.querySelector(".messagelist .success, .messagelist .info")) {
      store.removeItem(sent);
      sessionStorage.removeItem(SENT);
    }
    return { store, PREFIX, SENT };
  } catch {
    return null;
  }
})();

// The form of a record. Each part below takes the form and does one thing.
(() => {
  "use strict";
  const form = document.querySelector("#content-main > form[id$='_form']");
  if (!form) return;
  const wasRefused = Boolean(form.querySelector(".errornote")); // what was sent was not saved

  let changed = wasRefused;
  askBeforeLeaving();
  saveBeforeSteps();
  saveByKey();
  openPlacesOfLinks();
  nameNewRows();
  proposeAddress();
  keepDraft();
  for (const each of document.querySelectorAll(".form-side details"))
    each.open = matchMedia("(min-width: 80rem)").matches;

  function askBeforeLeaving() {
    let sending = false;
    const note = () => {
      changed = true;
    };
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    document.addEventListener("formset:removed", note);
    form.addEventListener("submit", (event) => {
      sending = event.submitter?.formTarget !== "_blank"; // a preview leaves the form as it is
    });
    window.addEventListener("pageshow", () => {
      sending = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (changed && !sending) event.preventDefault();
    });
  }

  // A step takes what is saved, and a remark loads the page again. With changes that are not saved, each is refused
  // with a sentence below its button.
  function saveBeforeSteps() {
    const words =
      "Nothing was done: the form below has changes that are not saved. " +
      "Save them, or load the page again to give them up.";
    for (const step of document.querySelectorAll("form[id^='step-'], .remarks form")) {
      const refusal = document.createElement("p");
      refusal.setAttribute("role", "alert");
      refusal.className = "caution";
      refusal.hidden = true;
      step.append(refusal);
      step.addEventListener("submit", (event) => {
        if (changed) event.preventDefault();
        refusal.hidden = !changed;
        refusal.textContent = changed ? words : "";
      });
    }
  }

  // Ctrl+S or ⌘S saves.
  function saveByKey() {
    document.addEventListener("keydown", (event) => {
      const save = form.querySelector("[name='_save']");
      if (!save || event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      form.requestSubmit(save);
    });
  }

  // A link to a value without a source leads to its box below the first source; any other unfolds its place.
  function openPlacesOfLinks() {
    document.addEventListener("click", (event) => {
      const hash = event.target.closest?.("a[href^='#']")?.hash;
      if (!hash) return;
      const id = decodeURIComponent(hash.slice(1));
      let place = document.getElementById(id);
      if (id.startsWith("uncited-")) {
        const value = CSS.escape(id.slice("uncited-".length));
        place = form.querySelector(`input[name$="-values"][value="${value}"]`);
        if (!place || place.name.includes("__prefix__")) {
          form.querySelector("#sources-group .add-row a")?.click();
          place = form.querySelector(".dynamic-sources:last-of-type input[name$='-label']");
        }
        if (place) event.preventDefault();
      }
      for (let each = place; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
      place?.querySelector("details")?.setAttribute("open", "");
      if (place?.matches("input, select, textarea")) place.focus();
    });
  }

  // A new row gets its key here, so that a count can name a group, and a citation a source, before they are saved.
  function nameNewRows() {
    const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
    const offer = (row) => {
      const key = field(row, "key")?.value;
      const words = (field(row, "name") ?? field(row, "label"))?.value.trim();
      if (!key || !words) return;
      const isGroup = Boolean(field(row, "name"));
      const lists = isGroup
        ? form.querySelectorAll("select[name$='-arm']")
        : [document.querySelector("#source-labels")];
      for (const list of lists) {
        let option = [...list.options].find((each) => each.value === key || each.dataset.key === key);
        if (!option) list.append((option = document.createElement("option")));
        option.value = isGroup ? key : words;
        option.dataset.key = key;
        option.textContent = isGroup ? words : "";
      }
    };
    const rows = () => form.querySelectorAll(".dynamic-arms, .dynamic-sources");
    document.addEventListener("formset:added", (event) => {
      const key = field(event.target, "key");
      if (key && !key.value) {
        key.value = [...crypto.getRandomValues(new Uint8Array(4))]
          .map((byte) => byte.toString(16).padStart(2, "0"))
          .join("");
      }
      for (const row of rows()) offer(row);
      event.target.querySelector("input:not([type='hidden'], [name$='-position']), select, textarea")?.focus();
    });
    form.addEventListener("change", (event) => {
      const row = event.target.closest(".dynamic-arms, .dynamic-sources");
      if (row && !row.classList.contains("has_original")) offer(row);
    });
  }

  // The address of a new study, from its first author and year, until one is typed.
  function proposeAddress() {
    const [slug, authors, date] = ["slug", "authors", "publication_date"].map((name) => form.elements[name]);
    if (!slug || !authors || !date || slug.value || !location.pathname.endsWith("/add/")) return;
    let proposed = "";
    for (const box of [authors, date]) {
      box.addEventListener("change", () => {
        const [year] = date.value.match(/\d{4}/) ?? [];
        if (slug.value !== proposed || !authors.value || !year) return;
        const family = authors.value
          .split(/[,\n]/)[0]
          .normalize("NFKD")
          .replace(/[\u0300-\u036f]/g, "");
        const words = `${family} ${year}`.toLowerCase();
        proposed = slug.value = words.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
      });
    }
  }

  // What is typed stays in this browser until it is saved, for the person who typed it and for two weeks.
  function keepDraft() {
    const bar = form.querySelector("[data-draft]");
    if (!bar || !drafts) return;
    const { store, PREFIX, SENT } = drafts;
    const NOT_CONTENT = /^(csrfmiddlewaretoken|opened_by)$|_old$/;

    const key = PREFIX + bar.dataset.draft;
    const chosen = () => [...form.querySelectorAll("select.filtered[id$='_to']")];
    const formFields = () => {
      const lists = chosen();
      const isList = (name) => lists.some((list) => list.name === name);
      const fields = [...new FormData(form)].filter(([name]) => !NOT_CONTENT.test(name) && !isList(name));
      for (const list of lists) for (const option of list.options) fields.push([list.name, option.value]);
      return fields;
    };
    const withoutBase = (fields) => JSON.stringify(fields.filter(([name]) => name !== "base"));

    const restore = (fields) => {
      const values = Map.groupBy ? Map.groupBy(fields, ([name]) => name) : new Map();
      if (!Map.groupBy) for (const pair of fields) values.set(pair[0], [...(values.get(pair[0]) ?? []), pair]);
      const valuesOf = (name) => (values.get(name) ?? []).map(([, value]) => value);
      for (const total of form.querySelectorAll("[name$='-TOTAL_FORMS']")) {
        const group = document.getElementById(total.name.replace("TOTAL_FORMS", "group"));
        const wanted = Number(valuesOf(total.name)[0] ?? 0);
        for (let more = wanted - Number(total.value); more > 0; more -= 1) group.querySelector(".add-row a").click();
      }
      for (const list of chosen()) {
        const from = list.id.replace(/_to$/, "_from");
        window.SelectBox.move_all(list.id, from);
        for (const option of document.getElementById(from).options)
          option.selected = valuesOf(list.name).includes(option.value);
        window.SelectBox.move(from, list.id);
      }
      for (const box of form.elements) {
        if (!box.name || box.name.startsWith("_") || NOT_CONTENT.test(box.name) || chosen().includes(box)) continue;
        if (box.type === "checkbox") box.checked = valuesOf(box.name).includes(box.value);
        else if (values.has(box.name)) [box.value] = valuesOf(box.name);
      }
      form.dispatchEvent(new Event("change"));
    };

    let offer = null;
    const stored = JSON.parse(store.getItem(key) ?? "null");
    if (stored && !wasRefused && withoutBase(stored.fields) !== withoutBase(formFields())) {
      offer = document.createElement("div");
      offer.className = "draft-offer";
      offer.setAttribute("role", "status");
      const words = document.createElement("p");
      const when = new Date(stored.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
      words.textContent = `This browser holds what you typed here on ${when} and did not save.`;
      offer.append(words);
      const add = (label, action) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button";
        button.textContent = label;
        button.addEventListener("click", () => {
          action();
          offer.remove();
          offer = null;
        });
        offer.append(button, " ");
      };
      add("Put it back", () => restore(stored.fields));
      add("Throw it away", () => store.removeItem(key));
      form.before(offer);
    }

    let timer;
    const note = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (offer) return; // the older draft waits for an answer
        try {
          store.setItem(key, JSON.stringify({ at: Date.now(), fields: formFields() }));
        } catch {
          // The browser has no room for it.
        }
      }, 500);
    };
    for (const name of ["input", "change"]) form.addEventListener(name, note);
    for (const name of ["formset:added", "formset:removed"]) document.addEventListener(name, note);
    form.addEventListener("submit", (event) => {
      if (event.submitter?.formTarget !== "_blank") sessionStorage.setItem(SENT, key);
    });
  }
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
