// Saving a class, or giving it up, without leaving the page. Without this script the same buttons
// post the form they belong to, and the page comes again.

const form = document.querySelector("#save-class");
const region = document.querySelector("[data-save-said]");
const GIVE_UP_AFTER = 15_000; // milliseconds

let hush;

function say(words, { isFault = false } = {}) {
  clearTimeout(hush);
  region.textContent = words;
  region.toggleAttribute("data-is-fault", isFault);
  // A fault stays until the next press: nobody should have to read in a hurry.
  if (!isFault) hush = setTimeout(() => (region.textContent = ""), 6_000);
}

// One class may stand on a page more than once.
const buttonsOf = ({ formAction }) =>
  [...document.querySelectorAll("[data-save]")].filter((each) => each.formAction === formAction);

function show(button, isSaved) {
  for (const each of buttonsOf(button)) {
    each.value = isSaved ? "0" : "1";
    each.setAttribute("aria-pressed", isSaved);
    each.querySelector("[data-save-word]").textContent = isSaved
      ? form.dataset.saveSaved
      : form.dataset.saveNot;
  }
}

async function send(button, wanted) {
  const body = new URLSearchParams(new FormData(form));
  body.set("save", wanted);
  body.set("since", button.dataset.since ?? ""); // what is put back goes where it stood
  const response = await fetch(button.formAction, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    keepalive: true, // whoever goes on at once has saved it all the same
    signal: AbortSignal.timeout(GIVE_UP_AFTER),
  });
  const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
  return { ok: response.ok && isOurs, ...(isOurs && (await response.json())) };
}

async function press(button) {
  const wanted = button.value;
  const all = buttonsOf(button);
  for (const each of all) each.setAttribute("aria-busy", "true");
  show(button, wanted === "1");
  const answer = await send(button, wanted).catch(() => ({ ok: false }));
  if (!answer.ok) show(button, wanted !== "1");
  for (const each of all) {
    each.removeAttribute("aria-busy");
    if (answer.since) each.dataset.since = answer.since;
  }
  say(answer.words || form.dataset.saveFault, { isFault: !answer.ok });
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== form || !button?.matches("[data-save]")) return;
  event.preventDefault();
  // The second press of a double click is no change of mind.
  if (!button.hasAttribute("aria-busy")) press(button);
});

// Who comes back meets the page as it was when they left, with what was saved by then.
async function lookAgain() {
  const response = await fetch(location.href, { signal: AbortSignal.timeout(GIVE_UP_AFTER) });
  if (!response.ok) return;
  const now = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const its of now.querySelectorAll("[data-save]")) {
    const address = its.getAttribute("formaction");
    const here = document.querySelector(`[data-save][formaction="${address}"]:not([aria-busy])`);
    if (here && here.value !== its.value) show(here, its.value === "0");
  }
}

window.addEventListener("pageshow", ({ persisted }) => {
  const [visit] = performance.getEntriesByType("navigation");
  if (persisted || visit?.type === "back_forward") lookAgain().catch(() => {}); // it stays as it was
});
