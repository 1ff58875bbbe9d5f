// Answers in place: the form goes to the comment, so that the film above plays on. Without this
// script the same links load the page with the form drawn there.

const form = document.querySelector("[data-comment-form]");

if (form) {
  const label = form.querySelector("[data-comment-label]");
  const cancel = form.querySelector("[data-comment-cancel]");
  const { parent, body } = form.elements;
  const home = document.createComment("");
  const drawn = { parent: parent.value, label: label.textContent, cancel: cancel.hidden };
  let opener = null;

  form.before(home);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comment-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    opener = link;
    parent.value = link.dataset.commentReply;
    label.textContent = link.getAttribute("aria-label");
    cancel.hidden = false;
    link.closest(".comment-foot").after(form);
    body.focus();
  });

  cancel.addEventListener("click", (event) => {
    if (!opener) return;
    event.preventDefault();
    parent.value = drawn.parent;
    label.textContent = drawn.label;
    cancel.hidden = drawn.cancel;
    home.after(form);
    opener.focus();
    opener = null;
  });
}
