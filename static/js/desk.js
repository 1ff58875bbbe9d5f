// What the desk does a little better with a script: answers that were begun come back, and the
// keyboard posts one with Ctrl+Enter. Without it every button works the same.

const SEND_AGAIN_AFTER = 10_000; // milliseconds: who hears nothing for so long may try again

const forms = document.querySelectorAll("[data-desk-form]");
// For one member alone: the next at this computer, in this tab, finds nothing of theirs.
const nameAt = (path, member) => `desk:${member}:${path}`;
const nameOf = (form) => nameAt(new URL(form.action).pathname, form.dataset.deskForm);

// Storage may be switched off; then nothing is kept, and nothing breaks.
const kept = {
  get(name) {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, words) {
    try {
      if (words) sessionStorage.setItem(name, words);
      else sessionStorage.removeItem(name);
    } catch {
      // as above
    }
  },
};

// The server says which answer stands: only then is there nothing more to keep of it.
const address = new URL(location.href);
const answered = address.searchParams.get("answered");
if (answered) {
  const { deskOf } = document.querySelector("[data-desk-of]").dataset;
  kept.set(nameAt(`${address.pathname}${answered}/`, deskOf), "");
  address.searchParams.delete("answered");
  history.replaceState(history.state, "", address);
}

for (const form of forms) {
  const body = form.elements.body;
  const name = nameOf(form);
  let sentAt = null;

  // What the server draws is later than what was begun here.
  if (!body.value) body.value = kept.get(name) ?? "";
  body.addEventListener("input", () => kept.set(name, body.value));

  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-desk-answer]"));
  });

  form.addEventListener("submit", (event) => {
    if (sentAt !== null && event.timeStamp - sentAt < SEND_AGAIN_AFTER) event.preventDefault();
    else sentAt = event.timeStamp;
  });

  // Back from the next page: the form can be sent anew.
  window.addEventListener("pageshow", () => {
    sentAt = null;
  });
}
