// "My version" of a film: where it comes to a stretch with what somebody avoids, it asks, or goes on
// behind it. The page says which stretches those are. The player fetches this on pages that have
// any, and plays nothing before it is there.
//
// However the film gets into a stretch, by playing or by a jump, it is asked about or skipped. Only
// "Play it" lets it play: from then on, until the page is loaded anew, it is never asked about again.

const player = document.querySelector("[data-player]");
const video = player.querySelector("video");
const section = document.querySelector("[data-my-version]");
const choices = section.querySelector("[data-choice]");
const find = (name) => player.querySelector(`[data-${name}]`);
const LEAD = 0.05; // seconds: not one picture of it is to be seen
const SHOWN = 5000; // milliseconds

const stretches = [...section.querySelectorAll("[data-start]")].map((item) => ({
  start: Number(item.dataset.start),
  end: Number(item.dataset.end),
  what: item.querySelector("[data-what]").textContent,
}));
const played = new Set(); // what somebody chose to play after all

let host; // the player
let asked = null; // the stretch that the question on the film is about
let skipped = null; // the stretch that the words on the film are about
let timer; // for the next stretch
let hiding; // the words about the last one

const choice = () => choices.querySelector(":checked").value;
const isLast = ({ end }) => end >= Math.floor(host.length()); // times are whole seconds
const stretchAt = (second) =>
  stretches.find((stretch) => {
    const end = isLast(stretch) ? host.length() : stretch.end;
    return !played.has(stretch) && stretch.start - LEAD <= second && second < end - LEAD;
  });

export function begin(itsHost) {
  host = itsHost;
  host.skips = (second) => choice() === "skip" && Boolean(stretchAt(second));
  host.moved = moved;
  const kept = host.habits.avoided;
  for (const radio of choices.querySelectorAll("input")) {
    if (radio.value === kept) radio.checked = true;
  }
  choices.addEventListener("change", () => {
    host.habits.avoided = choice();
    host.remember();
    if (asked) close();
    if (!video.paused) check();
  });
  choices.disabled = false;
  for (const type of ["play", "playing", "timeupdate", "seeking", "seeked", "ratechange"]) {
    video.addEventListener(type, () => check());
  }
  player.addEventListener("click", ({ target }) => {
    answers[target.closest("[data-answer]")?.dataset.answer]?.();
  });
}

/** Whether the film is not to start where it stands: a question has been put, or all is skipped. */
export function stops() {
  const stretch = choice() !== "play" && stretchAt(host.place());
  if (!stretch) return false;
  if (choice() === "ask") {
    ask(stretch);
    return true;
  }
  skip(stretch);
  return isLast(stretch);
}

// --- On the way ---------------------------------------------------------------------------------------

function check() {
  clearTimeout(timer);
  const at = host.place();
  const stretch = stretchAt(at);
  if (asked && asked !== stretch) close(); // somebody has gone elsewhere
  if (video.paused || choice() === "play" || isTurning(at)) return;
  if (!stretch) wait(at);
  else if (choice() === "ask") ask(stretch);
  else skip(stretch);
}

/** Where a chapter that is looped ends, its beginning comes next. */
function isTurning(at) {
  return host.loop && !video.seeking && Math.abs(at - host.loop.end) < 0.5;
}

/** The film tells its time four times a second: too seldom to stop in time. */
function wait(at) {
  const next = stretches.find((stretch) => !played.has(stretch) && stretch.start - LEAD > at);
  const left = (next?.start - LEAD - at) / video.playbackRate;
  if (left < 2) timer = setTimeout(check, Math.max(20, 1000 * left));
}

/** Ten seconds back from behind a stretch that is skipped are not ten seconds into it. */
function moved(from, seconds) {
  let to = from + seconds;
  if (seconds > 0 || choice() !== "skip") return to;
  for (const stretch of stretches.toReversed()) {
    const { start, end } = stretch;
    if (!played.has(stretch) && end <= from + LEAD && to < end) to -= end - start;
  }
  return to;
}

// --- Skipping -----------------------------------------------------------------------------------------

function skip(stretch) {
  pass(stretch);
  skipped = stretch;
  find("skipped-what").textContent = stretch.what;
  find("skipped").hidden = false;
  hideSoon();
}

function pass(stretch) {
  host.skipped.push([stretch.start, stretch.end]);
  if (!isLast(stretch)) host.seek(stretch.end);
  else if (video.readyState) video.currentTime = video.duration; // and with that it is over
}

function hideSoon() {
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    if (find("skipped").matches(":hover, :focus-within")) hideSoon();
    else hide(find("skipped"));
  }, SHOWN);
}

// --- Asking -------------------------------------------------------------------------------------------

function ask(stretch) {
  video.pause();
  hide(find("skipped"));
  asked = stretch;
  find("question-what").textContent = stretch.what;
  find("question").hidden = false;
  // The question stands on the page: whoever watches elsewhere would not see why the film stopped.
  if (document.pictureInPictureElement) document.exitPictureInPicture();
  if (video.webkitDisplayingFullscreen) video.webkitExitFullscreen();
  // The focus stays with whoever is writing.
  const { activeElement, body } = document;
  if (activeElement === body || player.contains(activeElement)) {
    find("question").querySelector("button").focus({ preventScroll: true });
  }
}

function close() {
  asked = null;
  hide(find("question"));
}

function hide(words) {
  if (words.contains(document.activeElement)) player.focus({ preventScroll: true });
  words.hidden = true;
}

const answers = {
  play() {
    played.add(asked);
    close();
    host.play();
  },
  skip() {
    const stretch = asked;
    close();
    pass(stretch);
    if (!isLast(stretch)) host.play();
  },
  back() {
    played.add(skipped);
    hide(find("skipped"));
    host.seek(skipped.start);
    host.play();
  },
};
