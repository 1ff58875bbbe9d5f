// What every page may do a little better with a script; each of them works without.

// An open menu closes on a click beside it, on Escape, and when the focus leaves it.
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// A sheet has done its work once its form is sent.
document.addEventListener("submit", (event) => {
  if (!("popover" in HTMLElement.prototype)) return;
  const sheet = event.target.querySelector("[popover]:popover-open");
  if (sheet) sheet.hidePopover();
});

// What a person opened or closed stays so when htmx brings that part of the page anew.
const remembered = new Map();

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details[id]")) remembered.set(event.target.id, event.target.open);
  },
  true,
);

const recall = () => {
  for (const [id, open] of remembered) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
};

document.addEventListener("htmx:afterSwap", recall);
document.addEventListener("htmx:oobAfterSwap", recall);
