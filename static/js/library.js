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
  const response = await fetch(button.formAction, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    keepalive: true, // whoever goes on at once has saved it all the same
    signal: AbortSignal.timeout(GIVE_UP_AFTER),
  });
  const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
  return { ok: response.ok && isOurs, words: isOurs ? (await response.json()).words : "" };
}

async function press(button) {
  const wanted = button.value;
  const all = buttonsOf(button);
  for (const each of all) each.setAttribute("aria-busy", "true");
  show(button, wanted === "1");
  const answer = await send(button, wanted).catch(() => ({ ok: false }));
  if (!answer.ok) show(button, wanted !== "1");
  for (const each of all) each.removeAttribute("aria-busy");
  say(answer.words || form.dataset.saveFault, { isFault: !answer.ok });
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== form || !button?.matches("[data-save]")) return;
  event.preventDefault();
  // The second press of a double click is no change of mind.
  if (!button.hasAttribute("aria-busy")) press(button);
});
