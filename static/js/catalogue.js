// What htmx leaves to us in the catalogue: quick hands, the sheet, the place of the focus.

// Who ticks a second box before the first has been answered is asked about both at once. The
// answer to the first would take the second tick away again, so it is passed over.
let isOutdated = false;
document.addEventListener("change", () => (isOutdated = true), { capture: true });
document.addEventListener("htmx:beforeSend", () => (isOutdated = false));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (isOutdated) event.preventDefault();
});

// On a slow line the boxes are there before this script is: what was ticked by then is asked now.
// (Nothing else can differ: the form is `autocomplete="off"`.)
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("catalogue");
  const wasTouched = ({ checked, defaultChecked }) => checked !== defaultChecked;
  if ([...form.elements].some(wasTouched)) form.dispatchEvent(new Event("change"));
});

// The same state asked for again is not another step back, nor is a word that is being typed.
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history, requestConfig } }) => {
  const isSame = history.path === location.pathname + location.search;
  const isTyped = requestConfig.triggeringEvent?.type === "input";
  if (isSame || isTyped) history.type = "replace";
});

// "Show 12 classes" closes the sheet: the results are already behind it.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "catalogue") return;
  const sheet = document.getElementById("filter");
  if (sheet.matches(":popover-open")) sheet.hidePopover();
});

// The boxes come anew with each answer: who ticked one goes on at the same. A chip that took its
// choice away is gone; whoever pressed it goes on at the number of results.
let ticked = null;
document.addEventListener("htmx:beforeSwap", () => {
  const { type, name, value } = document.activeElement;
  ticked = type === "checkbox" ? `[name="${name}"][value="${CSS.escape(value)}"]` : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body) return;
  const box = ticked && document.querySelector(ticked);
  (box ?? document.getElementById("result-count")).focus({ preventScroll: true });
});
