// How far somebody is in the film. Where a member is, and which seconds they played or left out, is
// told to the site by the form that stands on their pages; the place of a visitor stays in this
// browser. The player fetches this when the film begins to play.

const video = document.querySelector("[data-player] video");
const form = document.querySelector("form[data-progress]");
const EVERY = 10_000; // milliseconds between two beacons
const REST = 60_000; // after one that was forbidden
const on = (target, types, act) => {
  for (const type of types.split(" ")) target.addEventListener(type, act);
};

let host; // the player

export function begin(itsHost) {
  host = itsHost;
  if (!form) on(video, "timeupdate pause ended", keepHere);
  else {
    forgetHere();
    if ("keeps" in form.dataset) watch();
  }
}

let keptAt = 0;
function keepHere() {
  const { length, place, film } = host;
  film.at = length() - place() < 15 ? 0 : Math.floor(place());
  if (!video.paused && Math.abs(film.at - keptAt) <= 5) return; // who leaves, the player remembers
  keptAt = film.at;
  host.remember();
}

/** What was kept when its reader was not signed in: what a member clears does not come back. */
function forgetHere() {
  delete host.film.at;
  try {
    localStorage.removeItem(`film:${form.elements.film.value}`);
  } catch {} // not allowed: then nothing was kept
  host.remember();
}

// --- Which seconds were played ------------------------------------------------------------------------

const played = new Set(); // and not told yet, as the next
const skipped = new Set();
let from = null; // where the film was when it was last looked at, if it has played on since

/** A second was played when its middle was: so it makes no difference how often one looks. */
function count() {
  const at = video.currentTime;
  // What leads elsewhere may be seen here before its "seeking" is.
  if (from !== null && !video.seeking) {
    for (let second = Math.ceil(from - 0.5); second + 0.5 < at; second++) played.add(second);
  }
  from = video.paused || video.seeking ? null : at;
}

function spans(seconds) {
  const found = [];
  for (const second of [...seconds].sort((a, b) => a - b)) {
    if (found.at(-1)?.[1] === second) found.at(-1)[1]++;
    else found.push([second, second + 1]);
  }
  return found.map((span) => span.join("-")).join(" ");
}

// --- Telling ------------------------------------------------------------------------------------------

let told = null; // the second that was last told
let toldAt = performance.now();
let isRefused = false;
let restUntil = 0;

/** By how many milliseconds the site's clock is ahead of this machine's. */
function ahead() {
  const [visit] = performance.getEntriesByType("navigation");
  // Who comes back may see a page that was kept, with the clock of then.
  if (!visit?.responseStart || visit.type === "back_forward") return 0;
  return Number(form.dataset.now) * 1000 - performance.timeOrigin - visit.responseStart;
}

function watch() {
  on(video, "timeupdate playing seeked", () => {
    count();
    if (performance.now() - toldAt > EVERY && !video.paused) tell();
  });
  on(video, "seeking emptied", () => (from = null));
  on(video, "pause ended", () => tell());
  on(document, "visibilitychange", () => document.hidden && tell(true));
  on(window, "pagehide", () => tell(true));
  count();
}

async function tell(isLeaving = false) {
  count();
  for (const [start, end] of host.skipped.splice(0)) {
    for (let second = start; second < end; second++) skipped.add(second);
  }
  const second = Math.floor(host.place());
  const isNews = played.size || (told !== null && (skipped.size || second !== told));
  if (isRefused || !isNews || (performance.now() < restUntil && !isLeaving)) return;
  const body = new FormData(form);
  body.set("second", second);
  body.set("at", Math.round(Date.now() + ahead()));
  body.set("played", spans(played));
  body.set("skipped", spans(skipped));
  const [hasPlayed, hasSkipped] = [[...played], [...skipped]];
  told = second;
  toldAt = performance.now();
  played.clear();
  skipped.clear();
  if (await send(body, isLeaving)) return;
  for (const each of hasPlayed) played.add(each); // for the next one
  for (const each of hasSkipped) skipped.add(each);
}

/** Whether it need not be told again. */
async function send(body, isLeaving) {
  if (isLeaving) return navigator.sendBeacon(form.action, body);
  const message = { method: "POST", body, keepalive: true };
  const answer = await fetch(form.action, message).catch(() => null);
  const isForbidden = answer?.status === 403; // until they sign in again, maybe in another tab
  if (isForbidden) restUntil = performance.now() + REST;
  isRefused = !isForbidden && answer?.status >= 400 && answer.status < 500;
  return answer?.ok || isRefused;
}
