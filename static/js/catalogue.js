// What htmx leaves to us in the catalogue: the sheet of the filter, and the place of the focus.

// "Show 12 classes" closes the sheet: the results are already behind it.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "catalogue") return;
  const sheet = document.getElementById("filter");
  if (sheet.matches(":popover-open")) sheet.hidePopover();
});

// A chip that took its choice away is gone; whoever pressed it goes on at the number of results.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) {
    document.getElementById("result-count").focus({ preventScroll: true });
  }
});
