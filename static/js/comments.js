// The forms of comments: answers in place, so that the film above plays on; one sending for a
// double click; a draft that outlives a reload; and how much may still be written. Without this
// script the same links load the page with the form drawn there, and the server sorts out the rest.

const DRAFT_MINUTES = 60;
const SEND_AGAIN_AFTER = 10_000; // milliseconds: who hears nothing for so long may try again
const TELL_BELOW = 500; // characters

// --- Drafts -------------------------------------------------------------------------------------

// In the tab, for its member alone: on a shared computer the next person must not find them.
function keyOf(form) {
  return `comment:${form.dataset.commentForm}:${form.getAttribute("action") || location.pathname}`;
}

function readDraft(key) {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key));
    return draft && Date.now() - draft.at < DRAFT_MINUTES * 60_000 ? draft : null;
  } catch {
    return null; // no storage here, or something else in it
  }
}

function writeDraft(key, draft) {
  try {
    if (draft) sessionStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() }));
    else sessionStorage.removeItem(key);
  } catch {
    // Full or switched off: then there is no draft, and what is sent is safe all the same.
  }
}

// Somebody who sent a form and is led to the comment, with words to say that it worked, posted it.
function forgetPosted() {
  if (!location.hash.startsWith("#comment-") || !document.querySelector(".message-success")) return;
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("comment:") && readDraft(key)?.sent) writeDraft(key, null);
    }
  } catch {
    // As above.
  }
}

function keepDraft(form, answer) {
  const key = keyOf(form);
  const { body, edition, parent } = form.elements;
  const place = () => ({ edition: edition?.value, parent: parent?.value });
  const save = (sent) => {
    const isNew = body.value.trim() && !(edition && body.value === body.defaultValue);
    writeDraft(key, isNew && { body: body.value, sent, ...place() });
  };

  const draft = readDraft(key);
  // What the server drew is newer, but for the words that an edit begins with.
  if (draft && draft.edition === edition?.value && (edition || !body.value)) {
    if (draft.parent === parent?.value || answer(draft.parent)) body.value = draft.body;
  }
  form.addEventListener("input", () => save(false));
  form.addEventListener("submit", (event) => event.defaultPrevented || save(true));
}

// --- Sending and counting -----------------------------------------------------------------------

function sendOnce(form) {
  let sentAt = null;
  form.addEventListener("submit", (event) => {
    if (sentAt !== null && event.timeStamp - sentAt < SEND_AGAIN_AFTER) event.preventDefault();
    else sentAt = event.timeStamp;
  });
  window.addEventListener("pageshow", () => (sentAt = null)); // the browser's back
}

function sayWhatIsLeft(form) {
  const { body } = form.elements;
  const status = form.querySelector("[data-comment-left]");
  if (!status || body.maxLength < 0) return;
  let waiting;
  const say = () => {
    const left = body.maxLength - body.value.length;
    const number = left.toLocaleString(document.documentElement.lang);
    status.textContent = left < TELL_BELOW ? `${status.dataset.commentLeft} ${number}` : "";
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(say, 500); // a screen reader is told when the typing pauses
  });
}

// --- Answering in place -------------------------------------------------------------------------

// Returns a function that takes the form to the comment with an id, and says whether it is there.
function answerInPlace(form) {
  const label = form.querySelector("[data-comment-label]");
  const cancel = form.querySelector("[data-comment-cancel]");
  const { parent, body } = form.elements;
  if (!label || !cancel || !parent) return () => false;
  const home = document.createComment("");
  const drawn = { parent: parent.value, label: label.textContent, cancel: cancel.hidden };
  let opener = null;

  form.before(home);

  const moveTo = (link) => {
    opener = link;
    parent.value = link.dataset.commentReply;
    label.textContent = link.getAttribute("aria-label");
    cancel.hidden = false;
    link.closest(".comment-foot").after(form);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comment-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    moveTo(link);
    body.focus();
    form.dispatchEvent(new Event("input")); // the draft is an answer to this one now
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
    form.dispatchEvent(new Event("input"));
  });

  return (pk) => {
    const link = document.querySelector(`[data-comment-reply="${CSS.escape(pk)}"]`);
    if (link) moveTo(link);
    return Boolean(link);
  };
}

forgetPosted();
for (const form of document.querySelectorAll("[data-comment-form]")) {
  sendOnce(form);
  keepDraft(form, answerInPlace(form));
  sayWhatIsLeft(form);
}
