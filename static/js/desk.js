// What the desk does a little better with a script: answers that were begun come back, and the
// keyboard posts one with Ctrl+Enter. Without it every button works the same.

const forms = document.querySelectorAll("[data-desk-form]");
const nameOf = (form) => `desk:${new URL(form.action).pathname}`;

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
  kept.set(`desk:${address.pathname}${answered}/`, "");
  address.searchParams.delete("answered");
  history.replaceState(history.state, "", address);
}

for (const form of forms) {
  const body = form.elements.body;
  const name = nameOf(form);
  let isSent = false;

  // What the server draws is later than what was begun here.
  if (!body.value) body.value = kept.get(name) ?? "";
  body.addEventListener("input", () => kept.set(name, body.value));

  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-desk-answer]"));
  });

  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });

  // Back from the next page: the form can be sent anew.
  window.addEventListener("pageshow", () => {
    isSent = false;
  });
}
